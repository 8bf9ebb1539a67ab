import type { DeviceId, SessionId, UserId } from '#protocol/ids.ts'
import type { Me } from '#protocol/session.ts'
import { Refused, type ReadTx, type SessionRow, type Tx, type UserRow } from '#server/storage/store.ts'
import type { Core, Identity } from './core.ts'
import { guestName } from './guestName.ts'
import { DEFAULT_TENANT, enterLobby } from './lobby.ts'
import { meFrom } from './people.ts'
import { write } from './write.ts'

/** A session that is not used for this long ends. Every refresh starts it anew. */
export const SESSION_LIFE_MS = 30 * 24 * 60 * 60 * 1000
/** Two tabs may refresh with the same token at once; within this time after its successor was used, that is no theft. */
export const REFRESH_GRACE_MS = 30_000

export type SignedIn = { user: UserRow; session: SessionRow }
/** The browser somebody signs in with: `label` says what kind it is, `tokenHash` is that of its first refresh token, made for this session. */
export type Browser = { device: DeviceId; label?: string; session?: SessionId; tokenHash: string }

/** A new guest with a session and a place in the lobby. */
export async function createGuest(core: Core, guest: Browser & { name?: string; tenant?: string }): Promise<SignedIn> {
  return write(core, async (tx) => {
    const user = await addPerson(core, tx, { ...guest, login: null })
    return { user, session: await startSession(core, tx, user.id, guest) }
  })
}

/** A new person with a place in the lobby. */
export async function addPerson(core: Core, tx: Tx, person: { name?: string; tenant?: string; login: string | null }): Promise<UserRow> {
  const at = core.now()
  const user: UserRow = {
    id: core.newId() as UserId,
    tenant: person.tenant ?? DEFAULT_TENANT,
    name: person.name ?? guestName(core.sha256(core.newId())),
    login: person.login,
    contact: 'anyone',
    receipts: 'shown',
    picture: null,
    bannedAt: null,
    deletedAt: null,
    createdAt: at,
    lastLoginAt: at,
    lastSeenAt: at,
  }
  await tx.insertUser(user)
  await enterLobby(core, tx, user)
  return user
}

export async function startSession(core: Core, tx: Tx, user: UserId, { device, label, session: id, tokenHash }: Browser): Promise<SessionRow> {
  const at = core.now()
  const session: SessionRow = {
    id: id ?? (core.newId() as SessionId),
    user,
    deviceId: device,
    label: label ?? '',
    createdAt: at,
    lastSeenAt: at,
    expiresAt: at + SESSION_LIFE_MS,
    revokedAt: null,
  }
  await tx.insertSession(session)
  await tx.insertRefreshToken({ hash: tokenHash, session: session.id, parent: null, validUntil: NEVER })
  return session
}

/**
 * Exchanges a refresh token for a new one. An old token stays good until `REFRESH_GRACE_MS` after a successor was first used: when the
 * answer with the successor was lost on the way, the browser has nothing but the old one. After that, whoever shows it holds a copy,
 * and the session ends for both. A guest who was away for `warnAfterMs` finds word of it in their own log: guests end.
 *
 * A database that was restored knows no good token of a session that it does know: the first one that is shown and was made by us, for
 * `madeFor`, is its last then. Of two such, one was kept by somebody else.
 *
 * Throws `E_AUTH_INVALID`, for a session that was signed out `E_DEVICE_REVOKED`, for somebody the operators don't let in `E_BANNED`.
 */
export async function refreshSession(
  core: Core,
  {
    tokenHash,
    madeFor,
    newTokenHash,
    device,
    warnAfterMs = Infinity,
  }: { tokenHash: string; madeFor: SessionId; newTokenHash: string; device: DeviceId; warnAfterMs?: number },
): Promise<SignedIn> {
  const refreshed = await core.store.transact(async (tx) => {
    const at = core.now()
    const signedIn = await liveSession(core, tx, madeFor)
    if (signedIn.session.deviceId !== device) throw new Refused('E_AUTH_INVALID', 'another device')
    const token = await tx.refreshToken(tokenHash)
    const isGood = token ? token.session === madeFor && token.validUntil >= at : !(await tx.hasGoodRefreshToken(madeFor, at))
    if (!isGood) {
      await tx.updateSession(madeFor, { revokedAt: at })
      return undefined // not thrown, so that the revocation is committed
    }
    if (!token) await tx.insertRefreshToken({ hash: tokenHash, session: madeFor, parent: null, validUntil: NEVER })
    const { user, session } = signedIn
    if (user.login === null && at - Math.max(session.lastSeenAt, user.lastSeenAt ?? 0) >= warnAfterMs) {
      await tx.appendUserEvent(user.id, { kind: 'notification', type: 'guest-ends', from: null }, at)
    }
    await tx.supersedeRefreshTokens(madeFor, tokenHash, at + REFRESH_GRACE_MS)
    await tx.insertRefreshToken({ hash: newTokenHash, session: madeFor, parent: tokenHash, validUntil: NEVER })
    const expiresAt = at + SESSION_LIFE_MS
    await tx.updateSession(madeFor, { lastSeenAt: at, expiresAt })
    return { ...signedIn, session: { ...signedIn.session, lastSeenAt: at, expiresAt } }
  })
  if (!refreshed) throw new Refused('E_AUTH_INVALID', 'token used twice')
  return refreshed
}

/** The person behind a session that may still be used; throws as `refreshSession`. */
export async function verifySession(core: Core, session: SessionId): Promise<SignedIn> {
  return core.store.read((tx) => liveSession(core, tx, session))
}

/** Counts a connection of this tab; for `hello`. Throws as `refreshSession`. */
export async function openConnection(core: Core, who: Identity): Promise<{ me: Me; isReconnection: boolean; reconnectCount: number }> {
  return core.store.transact(async (tx) => {
    const { user } = await liveSession(core, tx, who.session)
    const at = core.now()
    const reconnectCount = await tx.countConnection(who.session, who.tab, at)
    await tx.updateSession(who.session, { lastSeenAt: at })
    return { me: meFrom(user), isReconnection: reconnectCount > 0, reconnectCount }
  })
}

/** Signs the session out; harmless when it is. */
export async function revokeSession(core: Core, session: SessionId): Promise<void> {
  await core.store.transact((tx) => tx.updateSession(session, { revokedAt: core.now() }))
}

async function liveSession(core: Core, tx: ReadTx, id: SessionId): Promise<SignedIn> {
  const session = await tx.session(id)
  if (!session || session.expiresAt <= core.now()) throw new Refused('E_AUTH_INVALID', 'no session')
  if (session.revokedAt !== null) throw new Refused('E_DEVICE_REVOKED')
  const user = await tx.user(session.user)
  if (!user) throw new Refused('E_AUTH_INVALID', 'no user')
  if (user.bannedAt !== null) throw new Refused('E_BANNED')
  return { user, session }
}

const NEVER = Number.MAX_SAFE_INTEGER
