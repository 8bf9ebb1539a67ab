import { hash, verify } from '@node-rs/argon2'

/**
 * Hashes passwords, slowly on purpose. It happens beside the event loop, in the four threads Node has for such things, so never more than
 * four at once.
 */
export type Passwords = {
  hash: (password: string) => Promise<string>
  /** `hashed` undefined: there is nobody to compare with, which takes as long as if there were. */
  verify: (password: string, hashed: string | undefined) => Promise<boolean>
  /** So many wait that another one had better come later. */
  isBusy: () => boolean
}

/** Argon2id, the library's default, with 19 MiB, two passes, one lane: OWASP Password Storage Cheat Sheet. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
/** Half a second of waiting on a machine that hashes thirty a second on each of four threads. */
const WAITING_MAX = 64

export function makePasswords(): Passwords {
  let waiting = 0
  let nobodys: Promise<string> | undefined
  const counted = async <T>(work: () => Promise<T>): Promise<T> => {
    waiting += 1
    try {
      return await work()
    } finally {
      waiting -= 1
    }
  }
  return {
    hash: (password) => counted(() => hash(password, COST)),
    verify: (password, hashed) =>
      counted(async () => {
        nobodys ??= hash('nobody has this password', COST)
        const fits = await verify(hashed ?? (await nobodys), password)
        return fits && hashed !== undefined
      }),
    isBusy: () => waiting >= WAITING_MAX,
  }
}
