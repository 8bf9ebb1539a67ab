import type { UserId } from '#protocol/ids.ts'
import { PASSKEYS_MAX } from '#protocol/limits.ts'
import type { Passkey, PasskeyId } from '#protocol/passkey.ts'
import { Refused, type PasskeyRow, type ReadTx, type SessionRow, type UserRow } from '#server/storage/store.ts'
import { enter } from './accounts.ts'
import type { Core, Identity } from './core.ts'
import { askerOf } from './people.ts'
import type { Browser, SignedIn } from './sessions.ts'
import { write } from './write.ts'

/*
 * Passkeys, a second way in for registered people. What a browser signed is checked at the edge; here is who may have which, and that nothing
 * signed is good for more than one try.
 */

/** Time to find one's key and touch it. */
export const CHALLENGE_LIFE_MS = 5 * 60_000

/** Keeps what a browser is asked to sign. `user`: who is to add a passkey with it; null: to sign in, whoever it is. */
export async function keepChallenge(core: Core, { challenge, user }: { challenge: string; user: UserId | null }): Promise<void> {
  const at = core.now()
  await write(core, (tx) => tx.insertPasskeyChallenge({ hash: core.sha256(challenge), user, expiresAt: at + CHALLENGE_LIFE_MS }, at))
}

/** True once for each challenge that was kept for this person and has not ended. */
export async function takeChallenge(core: Core, { challenge, user }: { challenge: string; user: UserId | null }): Promise<boolean> {
  const taken = await write(core, (tx) => tx.takePasskeyChallenge(core.sha256(challenge), core.now()))
  return taken !== undefined && taken.user === user
}

export async function passkeysOf(core: Core, { user }: Pick<Identity, 'user'>): Promise<PasskeyRow[]> {
  return core.store.read((tx) => tx.passkeysOf(user))
}

export const asPasskey = ({ id, label, madeAt, usedAt }: PasskeyRow): Passkey => ({ id, label, madeAt, usedAt })

/**
 * What somebody signs in with who adds a passkey, and the ones they have; guests have no account that it could open. Throws `E_FORBIDDEN` for
 * them, and for who has as many as may be.
 */
export async function demandRoomForPasskey(core: Core, who: Identity): Promise<{ login: string; name: string; passkeys: PasskeyRow[] }> {
  return core.store.read(async (tx) => roomFor(tx, await askerOf(tx, who)))
}

/** Adds a passkey that was checked, and answers all. Throws `E_FORBIDDEN`, and `E_ID_CONFLICT` when somebody has it already. */
export async function addPasskey(
  core: Core,
  who: Identity,
  made: Pick<PasskeyRow, 'id' | 'publicKey' | 'counter' | 'transports' | 'label'>,
): Promise<PasskeyRow[]> {
  return write(core, async (tx) => {
    await tx.lockUser(who.user)
    const { passkeys } = await roomFor(tx, await askerOf(tx, who))
    if (await tx.passkey(made.id)) throw new Refused('E_ID_CONFLICT')
    const row: PasskeyRow = { ...made, user: who.user, madeAt: core.now(), usedAt: null }
    await tx.insertPasskey(row)
    return [row, ...passkeys]
  })
}

async function roomFor(tx: ReadTx, { id, login, name }: UserRow): Promise<{ login: string; name: string; passkeys: PasskeyRow[] }> {
  if (login === null) throw new Refused('E_FORBIDDEN', 'a guest')
  const passkeys = await tx.passkeysOf(id)
  if (passkeys.length >= PASSKEYS_MAX) throw new Refused('E_FORBIDDEN', 'too many passkeys')
  return { login, name, passkeys }
}

/** Takes a passkey of the asking person away, and answers the others. Throws `E_NOT_FOUND`. */
export async function removePasskey(core: Core, who: Identity, id: PasskeyId): Promise<PasskeyRow[]> {
  return write(core, async (tx) => {
    const passkeys = await tx.passkeysOf(who.user)
    if (passkeys.every((one) => one.id !== id)) throw new Refused('E_NOT_FOUND')
    await tx.deletePasskey(id)
    return passkeys.filter((one) => one.id !== id)
  })
}

/** What an answer made with this passkey has to be checked with. */
export async function passkeyWith(core: Core, id: PasskeyId): Promise<PasskeyRow | undefined> {
  return core.store.read((tx) => tx.passkey(id))
}

/**
 * Signs somebody in who has shown that they have this passkey, as it was when that was checked. `signOut` as for `signIn`. Throws `E_CREDENTIALS` when
 * it was taken away meanwhile, or used by somebody else who has it; `E_BANNED`, `TooManyDevices`.
 */
export async function signInByPasskey(
  core: Core,
  { passkey, counter, signOut, ...browser }: Browser & { passkey: PasskeyRow; counter: number; signOut?: Browser['device'] },
): Promise<SignedIn & { ended: SessionRow[] }> {
  return write(core, async (tx) => {
    const user = await tx.lockUser(passkey.user)
    const present = await tx.passkey(passkey.id)
    if (!user || present?.publicKey !== passkey.publicKey || present.counter !== passkey.counter) throw new Refused('E_CREDENTIALS')
    await tx.updatePasskey(passkey.id, { counter, usedAt: core.now() })
    return enter(core, tx, user, { signOut, ...browser })
  })
}
