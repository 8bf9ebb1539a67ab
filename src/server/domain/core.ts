import type { ConversationId, DeviceId, SessionId, TabId, UserId } from '#protocol/ids.ts'
import type { LogEvent } from '#protocol/log.ts'
import type { Permission } from '#protocol/session.ts'
import type { UserEvent } from '#protocol/sync.ts'
import type { Store } from '#server/storage/store.ts'

/** What every rule needs. Time, chance and ids come in from the edge, so that the rules run unchanged in the simulator. */
export type Core = {
  store: Store
  /** Tells everybody concerned what was committed. Called after the commit, before the answer. */
  publish: (notice: Notice) => void
  /** Milliseconds since the epoch. */
  now: () => number
  /** A fresh UUIDv7. */
  newId: () => string
  /** Hexadecimal SHA-256. */
  sha256: (text: string | Uint8Array) => string
}

/** Who is asking, from the verified token and handshake only; nothing in a payload can change it. */
export type Identity = {
  user: UserId
  tenant: string
  session: SessionId
  device: DeviceId
  tab: TabId
  permissions: readonly Permission[]
}

/** Something committed that others should hear of. `recipients` were read inside the commit: they are who was a member then. */
export type Notice =
  /**
   * `events` are contiguous and ascending. `unseeing`: members who joined after what they are about; they hear of it without its text. One notice
   * for both, so that nobody takes a rev for told that some were not told of.
   */
  | { kind: 'log'; conv: ConversationId; events: LogEvent[]; recipients: readonly UserId[]; unseeing?: readonly UserId[] }
  | { kind: 'receipt'; conv: ConversationId; user: UserId; delivered: number; read: number; marksRev: number; recipients: readonly UserId[] }
  | { kind: 'user'; user: UserId; event: UserEvent }
  /** These two have nothing to do with each other any more, and no look at each other in the conversation they may have. */
  | { kind: 'parted'; users: readonly [UserId, UserId]; conv?: ConversationId }
  /** The log reaches to here; what should have told of it may have been lost. */
  | { kind: 'head'; conv: ConversationId; rev: number; h: string; recipients: readonly UserId[] }
