import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FileFacts } from '#protocol/files.ts'
import type { UserId } from '#protocol/ids.ts'

/** A link is good for this long at least, and for twice as long at most: all that are made within one such stretch are the same, and cached. */
const STRETCH_MS = 10 * 60_000

/** Addresses of files that need no token, because they are signed: each for one person, who may fetch the file for as long as they may read it, and until it ends. */
export function makeFileLinks({ secret, now }: { secret: string; now: () => number }) {
  const keyOf = (id: string, user: string, until: string): Buffer => createHmac('sha256', secret).update(`file|${id}|${user}|${until}`).digest()
  return {
    /** For so long every link is good that is made from now on. */
    lifeMs: STRETCH_MS,
    linkTo: ({ id, name }: Pick<FileFacts, 'id' | 'name'>, user: UserId): string => {
      const until = String((Math.floor(now() / STRETCH_MS) + 2) * STRETCH_MS)
      const signed = new URLSearchParams({ for: user, until, key: keyOf(id, user, until).toString('base64url') })
      return `/api/files/${id}/${encodeURIComponent(name)}?${signed.toString()}`
    },
    /** Whose it is, and for how many milliseconds more it is good; undefined: it is not. */
    read: (id: string, { user = '', until = '', key = '' }: Record<'user' | 'until' | 'key', string | undefined>) => {
      const given = Buffer.from(key, 'base64url')
      const expected = keyOf(id, user, until)
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
      const goodForMs = Number(until) - now()
      return goodForMs > 0 ? { user: user as UserId, goodForMs } : undefined
    },
  }
}
export type FileLinks = ReturnType<typeof makeFileLinks>
