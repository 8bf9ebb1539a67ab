import type { RefusalCode } from '#protocol/codes.ts'
import type { ConversationKind, Person, Role } from '#protocol/conversation.ts'
import type { ClientId, ConversationId, DeviceId, Epoch, MessageId, OperationId, SessionId, UserId } from '#protocol/ids.ts'
import type { LogEvent, UnknownEvent } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { UserEvent } from '#protocol/sync.ts'

/**
 * Where everything is kept. It knows tables, not rules: who may do what is decided in `domain/`, inside one `transact`.
 *
 * `transact` is the only way to write. What a transaction wrote is durable (committed and fsynced) when its promise resolves, and
 * nothing of it exists when the promise rejects. Transactions that arrive together may share one commit (group commit); each still
 * stands or falls alone. The work function may run more than once on some engines: it must have no effect outside `tx`, and must
 * await nothing but `tx`.
 *
 * Errors: rejects with `StorageError` when the engine can't (disk full, locked, gone); with whatever `work` threw otherwise.
 */
export interface Store {
  readonly epoch: Epoch
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  /** A consistent view of what is committed. */
  read<T>(work: (tx: ReadTx) => Promise<T>): Promise<T>
  /** Cheap "can you write?", for the readiness check. Rejects with `StorageError`. */
  check(): Promise<void>
  stats(): StoreStats
  close(): Promise<void>
}

/** Counters since start. `commits` is the number of fsyncs of the log; `transactions / commits` is the size of a group. */
export type StoreStats = { transactions: number; commits: number }

export class StorageError extends Error {
  readonly reason: 'full' | 'busy' | 'broken'
  constructor(reason: 'full' | 'busy' | 'broken', cause?: unknown) {
    super(`storage: ${reason}`, { cause })
    this.reason = reason
  }
}

export interface ReadTx {
  // people and sessions
  user(id: UserId): Promise<UserRow | undefined>
  session(id: SessionId): Promise<SessionRow | undefined>
  sessionByToken(tokenHash: string): Promise<SessionRow | undefined>
  sessionsOf(user: UserId): Promise<SessionRow[]>

  // conversations and membership
  conversation(id: ConversationId): Promise<ConversationRow | undefined>
  /** The one direct conversation of two people, whichever comes first. */
  directBetween(a: UserId, b: UserId): Promise<ConversationRow | undefined>
  /** The current membership, or undefined once left. */
  membership(conv: ConversationId, user: UserId): Promise<MemberRow | undefined>
  /** User ids of all current members. */
  memberIds(conv: ConversationId): Promise<UserId[]>
  memberCount(conv: ConversationId): Promise<number>
  /** Current members with names and marks, oldest first. */
  members(conv: ConversationId, limit: number): Promise<(MemberRow & { person: Person })[]>
  /** Every current membership of a person, with its conversation. */
  conversationsOf(user: UserId): Promise<{ conversation: ConversationRow; membership: MemberRow }[]>
  shareConversation(a: UserId, b: UserId): Promise<boolean>

  // the log
  events(conv: ConversationId, after: number, limit: number): Promise<(LogEvent | UnknownEvent)[]>
  /** The hash chain at a rev; undefined when the log does not reach it or it was purged. */
  hashAt(conv: ConversationId, rev: number): Promise<string | undefined>
  /** Join, leave and meta events with `afterSeq` in [from, to]. */
  notes(conv: ConversationId, fromSeq: number, toSeq: number): Promise<LogEvent[]>
  /** Messages with seq in (after, before), ascending; the newest `limit` of them when `from` is 'end', the oldest otherwise. */
  messages(conv: ConversationId, range: { after: number; before: number; limit: number; from: 'start' | 'end' }): Promise<ChatMessage[]>
  message(id: MessageId): Promise<ChatMessage | undefined>
  messageByClientId(sender: UserId, clientId: ClientId): Promise<(ChatMessage & { bodyHash: string }) | undefined>
  /** Was this client id stored once and purged since? */
  wasPurged(sender: UserId, clientId: ClientId): Promise<boolean>
  /** The recorded answer of an operation that was applied before. */
  operation(user: UserId, opId: OperationId): Promise<{ rev: number } | undefined>
  userEvents(user: UserId, after: number, limit: number): Promise<UserEvent[]>
  urev(user: UserId): Promise<number>

  invite(code: string): Promise<InviteRow | undefined>
}

export interface Tx extends ReadTx {
  insertUser(user: UserRow): Promise<void>
  updateUser(id: UserId, change: Partial<Pick<UserRow, 'name' | 'lastSeenAt' | 'lastLoginAt'>>): Promise<void>
  insertSession(session: SessionRow): Promise<void>
  updateSession(id: SessionId, change: Partial<Omit<SessionRow, 'id' | 'user'>>): Promise<void>

  insertConversation(row: ConversationRow, directPair?: readonly [UserId, UserId]): Promise<void>
  /** Takes the conversation's lock; the first statement of everything that appends, so that commit order is number order. */
  lockConversation(id: ConversationId): Promise<ConversationRow | undefined>
  insertMember(row: MemberRow): Promise<void>
  updateMember(conv: ConversationId, user: UserId, change: Partial<Pick<MemberRow, 'role' | 'delivered' | 'read' | 'leftRev'>>): Promise<void>
  /** Stores a message and returns false, or returns true and changes nothing when this sender used this client id before. */
  insertMessage(message: ChatMessage, more: { bodyHash: string; device: DeviceId }): Promise<boolean>
  updateMessage(message: ChatMessage): Promise<void>
  appendEvent(event: LogEvent): Promise<void>
  /** Moves the conversation's rev, seq, hash, name or marksRev on; call once after the appends of a transaction. */
  updateConversation(id: ConversationId, change: Partial<Pick<ConversationRow, 'rev' | 'seq' | 'h' | 'name' | 'marksRev' | 'changedAt'>>): Promise<void>
  recordOperation(user: UserId, opId: OperationId, answer: { rev: number }, at: number): Promise<void>
  /** Numbers and stores an event of a person's own log; returns it with its urev. */
  appendUserEvent(user: UserId, event: UserEventDraft, at: number): Promise<UserEvent>
  insertInvite(row: InviteRow): Promise<void>
}

/** `UserEvent` without its number. */
export type UserEventDraft = UserEvent extends infer E ? (E extends UserEvent ? Omit<E, 'urev'> : never) : never

export type UserRow = {
  id: UserId
  tenant: string
  name: string
  isGuest: boolean
  createdAt: number
  lastLoginAt: number
  lastSeenAt: number | null
}

/** A signed-in browser. The refresh token rotates; only hashes are kept. */
export type SessionRow = {
  id: SessionId
  user: UserId
  deviceId: DeviceId
  createdAt: number
  lastSeenAt: number
  expiresAt: number
  /** SHA-256 of the current refresh token, hexadecimal. */
  tokenHash: string
  /** The one before, still accepted until `graceUntil`: two tabs refreshing at once both succeed. */
  previousTokenHash: string | null
  graceUntil: number
  revokedAt: number | null
  /** Connections this session has opened, over all tabs. */
  connections: number
}

export type ConversationRow = {
  id: ConversationId
  tenant: string
  kind: ConversationKind
  name: string
  createdAt: number
  rev: number
  seq: number
  h: string
  /** Events at or below were purged. */
  floorRev: number
  /** Rises with every change of any member's marks. */
  marksRev: number
  changedAt: number
}

export type MemberRow = {
  conv: ConversationId
  user: UserId
  role: Role
  joinedRev: number
  /** Messages up to here are hidden from this member; 0 shows everything. */
  visibleFrom: number
  leftRev: number | null
  delivered: number
  read: number
}

export type InviteRow = { code: string; conv: ConversationId; createdBy: UserId; createdAt: number; revokedAt: number | null }

/** A rule said no: the transaction is rolled back and the code goes to whoever asked. */
export class Refused extends Error {
  readonly code: RefusalCode
  readonly detail: string | undefined
  constructor(code: RefusalCode, detail?: string) {
    super(code)
    this.code = code
    this.detail = detail
  }
}

