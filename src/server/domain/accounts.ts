import type { DeviceId, UserId } from '#protocol/ids.ts'
import type { Me } from '#protocol/session.ts'
import { Refused, type PasswordReset, type ReadTx, type SessionRow, type Tx, type UserRow } from '#server/storage/store.ts'
import type { Core, Identity } from './core.ts'
import { endDevices, makeRoom } from './devices.ts'
import { DEFAULT_TENANT } from './lobby.ts'
import { meFrom, askerOf } from './people.ts'
import { addPerson, startSession, type Browser, type SignedIn } from './sessions.ts'
import { write } from './write.ts'

/*
 * Registered people. Passwords are hashed and compared at the edge, because that takes long on purpose: a transaction must not wait for it.
 * It looks again whether the hash is still the one that was compared with.
 */

/** A new registered person, signed in. Throws `E_TAKEN`. Without a name they are called as they sign in. */
export async function register(
  core: Core,
  {
    login,
    passwordHash,
    name,
    tenant = DEFAULT_TENANT,
    ...browser
  }: Browser & { login: string; passwordHash: string; name?: string; tenant?: string },
): Promise<SignedIn> {
  return write(core, async (tx) => {
    await demandFree(tx, tenant, login)
    const user = await addPerson(core, tx, { name: name ?? login, tenant, login })
    await tx.setPasswordHash(user.id, passwordHash, core.now())
    return { user, session: await startSession(core, tx, user.id, browser) }
  })
}

/** Makes a guest a registered person who has everything the guest had. Their other devices hear of it. Throws `E_TAKEN`, and `E_FORBIDDEN` for who is one. */
export async function keepAccount(core: Core, who: Identity, { login, passwordHash }: { login: string; passwordHash: string }): Promise<Me> {
  return write(core, async (tx, tell) => {
    const user = await askerOf(tx, who)
    if (user.login !== null) throw new Refused('E_FORBIDDEN', 'registered')
    await demandFree(tx, who.tenant, login)
    await tx.updateUser(user.id, { login })
    await tx.setPasswordHash(user.id, passwordHash, core.now())
    const event = await tx.appendUserEvent(user.id, { kind: 'profile', name: user.name, isGuest: false }, core.now())
    tell({ kind: 'user', user: user.id, event })
    return meFrom({ ...user, login })
  })
}

async function demandFree(tx: Tx, tenant: string, login: string): Promise<void> {
  if (await tx.userByLogin(tenant, login)) throw new Refused('E_TAKEN')
}

/** Who has this login, what their password has to be compared with, and whether they were signed in on this device before. */
export async function accountWith(
  core: Core,
  login: string,
  device: DeviceId,
  tenant: string = DEFAULT_TENANT,
): Promise<{ user: UserId; passwordHash: string; knowsDevice: boolean } | undefined> {
  return core.store.read(async (tx) => {
    const user = await tx.userByLogin(tenant, login)
    const passwordHash = user && (await tx.passwordHash(user.id))
    if (!user || passwordHash === undefined) return undefined
    const sessions = await tx.sessionsOf(user.id)
    return { user: user.id, passwordHash, knowsDevice: sessions.some(({ deviceId }) => deviceId === device) }
  })
}

/**
 * Signs somebody in whose password was compared with `passwordHash`. `signOut`: a device to end first; its sessions are answered, for their
 * connections to be cut. Throws `E_CREDENTIALS` when the password was changed meanwhile, `TooManyDevices`.
 */
export async function signIn(
  core: Core,
  { user: id, passwordHash, signOut, ...browser }: Browser & { user: UserId; passwordHash: string; signOut?: Browser['device'] },
): Promise<SignedIn & { ended: SignedIn['session'][] }> {
  return write(core, async (tx) => {
    const user = await tx.lockUser(id)
    if (!user || (await tx.passwordHash(id)) !== passwordHash) throw new Refused('E_CREDENTIALS')
    return enter(core, tx, user, { signOut, ...browser })
  })
}

/** The hash the asking person's password has to be compared with. Throws `E_FORBIDDEN` for guests, who have none. */
export async function passwordHashOf(core: Core, who: Identity): Promise<string> {
  const hash = await core.store.read((tx) => tx.passwordHash(who.user))
  if (hash === undefined) throw new Refused('E_FORBIDDEN', 'no password')
  return hash
}

/**
 * A new password for somebody whose old one was compared with `passwordHash`. `signOutOthers`: all other devices, and every passkey. Answers the
 * sessions that ended with it.
 */
export async function changePassword(
  core: Core,
  who: Identity,
  change: { passwordHash: string; newPasswordHash: string; signOutOthers: boolean },
): Promise<SignedIn['session'][]> {
  return write(core, async (tx) => {
    await tx.lockUser(who.user)
    if ((await tx.passwordHash(who.user)) !== change.passwordHash) throw new Refused('E_CREDENTIALS')
    await tx.setPasswordHash(who.user, change.newPasswordHash, core.now())
    return change.signOutOthers ? shutOut(core, tx, who.user, (session) => session.deviceId !== who.device) : []
  })
}

/** Long enough to be handed on by word of mouth, short enough to be forgotten safely. */
export const RESET_LIFE_MS = 60 * 60 * 1000

/** Lets whoever has the code choose a new password for this login, once; for operators, who know whom they give it to. Throws `E_NOT_FOUND`. */
export async function allowReset(
  core: Core,
  { login, codeHash, tenant = DEFAULT_TENANT }: { login: string; codeHash: string; tenant?: string },
): Promise<{ expiresAt: number }> {
  return write(core, async (tx) => {
    const user = await tx.userByLogin(tenant, login)
    if (!user) throw new Refused('E_NOT_FOUND')
    const expiresAt = core.now() + RESET_LIFE_MS
    await tx.insertPasswordReset({ codeHash, user: user.id, expiresAt })
    return { expiresAt }
  })
}

/** Whether a code still works, before a password is hashed for it. Throws `E_NOT_FOUND`. */
export async function demandReset(core: Core, { codeHash }: { codeHash: string }): Promise<void> {
  await core.store.read((tx) => resetOf(core, tx, codeHash))
}

/** A new password by a code, which works no more afterwards; signed in at once. Throws `E_NOT_FOUND`, `E_BANNED`, `TooManyDevices`. */
export async function resetPassword(
  core: Core,
  { codeHash, passwordHash, signOutOthers, ...browser }: Browser & { codeHash: string; passwordHash: string; signOutOthers: boolean },
): Promise<SignedIn & { ended: SignedIn['session'][] }> {
  return write(core, async (tx) => {
    const { user: id } = await resetOf(core, tx, codeHash)
    const user = await tx.lockUser(id)
    // the one that came first under the lock has used it up
    await resetOf(core, tx, codeHash)
    if (!user) throw new Refused('E_NOT_FOUND')
    const ended = signOutOthers ? await shutOut(core, tx, id, () => true) : []
    await tx.setPasswordHash(id, passwordHash, core.now())
    await tx.deletePasswordResets(id)
    return { ...(await begin(core, tx, user, browser)), ended }
  })
}

async function resetOf(core: Core, tx: ReadTx, codeHash: string): Promise<PasswordReset> {
  const reset = await tx.passwordReset(codeHash)
  if (!reset || reset.expiresAt <= core.now()) throw new Refused('E_NOT_FOUND')
  return reset
}

/** Whoever came in without being asked comes back neither by a session nor by a passkey of theirs. */
async function shutOut(core: Core, tx: Tx, user: UserId, isMeant: (session: SessionRow) => boolean): Promise<SessionRow[]> {
  await tx.deletePasskeysOf(user)
  return endDevices(core, tx, user, isMeant)
}

/** As `begin`, with a device that makes room where it is named. Answers its sessions too. */
export async function enter(
  core: Core,
  tx: Tx,
  user: UserRow,
  { signOut, ...browser }: Browser & { signOut: DeviceId | undefined },
): Promise<SignedIn & { ended: SessionRow[] }> {
  const ended = signOut === undefined ? [] : await endDevices(core, tx, user.id, (session) => session.deviceId === signOut)
  return { ...(await begin(core, tx, user, browser)), ended }
}

/** A session for somebody who is who they say, where they may come in and there is room. */
async function begin(core: Core, tx: Tx, user: UserRow, browser: Browser): Promise<SignedIn> {
  if (user.bannedAt !== null) throw new Refused('E_BANNED')
  await makeRoom(core, tx, user.id, browser.device)
  const lastLoginAt = core.now()
  await tx.updateUser(user.id, { lastLoginAt })
  return { user: { ...user, lastLoginAt }, session: await startSession(core, tx, user.id, browser) }
}
