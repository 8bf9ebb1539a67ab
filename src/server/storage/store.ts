import type { RefusalCode, StopCode } from '#protocol/codes.ts'
import type { ConversationKind, Profile, Role } from '#protocol/conversation.ts'
import type { FileFacts } from '#protocol/files.ts'
import type { ClientId, ConversationId, DeviceId, Epoch, FileId, MessageId, OperationId, PictureId, SessionId, TabId, UserId } from '#protocol/ids.ts'
import type { LogEvent, LogEventOf, Note, UnknownEvent } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { PasskeyId } from '#protocol/passkey.ts'
import type { Contact, Receipts } from '#protocol/people.ts'
import type { Term } from '#protocol/search.ts'
import type { UserEvent } from '#protocol/sync.ts'

/**
 * Where everything is kept. It knows tables, not rules: who may do what is decided in `domain/`, inside one `transact`.
 *
 * `transact` is the only way to write. What a transaction wrote is durable (committed and fsynced) when its promise resolves, and
 * nothing of it exists when the promise rejects. Transactions that arrive together may share one commit (group commit); each still
 * stands or falls alone. The work function may run more than once on some engines: it must have no effect outside `tx`, and must
 * await nothing but `tx`, one call at a time.
 *
 * Promises of transactions resolve in the order of their commits.
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
  /** A picture that somebody, or some group, has now: a JPEG as base64. */
  picture(id: PictureId): Promise<string | undefined>
  userByLogin(tenant: string, login: string): Promise<UserRow | undefined>
  /** What a link to a new password is good for; undefined when it was used. By the hash of its code. */
  passwordReset(codeHash: string): Promise<PasswordReset | undefined>
  /** The hash of a person's password; undefined when they have none. */
  passwordHash(user: UserId): Promise<string | undefined>
  passkey(id: PasskeyId): Promise<PasskeyRow | undefined>
  /** The one made last first. */
  passkeysOf(user: UserId): Promise<PasskeyRow[]>
  session(id: SessionId): Promise<SessionRow | undefined>
  refreshToken(hash: string): Promise<RefreshTokenRow | undefined>
  /** Does it know a token of this session that is good at this moment? */
  hasGoodRefreshToken(session: SessionId, at: number): Promise<boolean>
  sessionsOf(user: UserId): Promise<SessionRow[]>

  // conversations and membership
  conversation(id: ConversationId): Promise<ConversationRow | undefined>
  /** The one direct conversation of two people, whichever comes first. */
  directBetween(a: UserId, b: UserId): Promise<ConversationRow | undefined>
  /** The current membership, or undefined once left. */
  membership(conv: ConversationId, user: UserId): Promise<Membership | undefined>
  /** User ids of all current members, in no order; not to be changed. */
  memberIds(conv: ConversationId): Promise<readonly UserId[]>
  /** Those among them from whom the message with this seq is hidden. */
  memberIdsNotSeeing(conv: ConversationId, seq: number): Promise<UserId[]>
  memberCount(conv: ConversationId): Promise<number>
  /** Current members with names and marks, oldest first. */
  members(conv: ConversationId, limit: number): Promise<Membership[]>
  /** Every current membership of a person, with its conversation, the one that changed last first. */
  conversationsOf(user: UserId): Promise<{ conversation: ConversationRow; membership: MemberRow }[]>
  /** Conversations that changed at or after this moment. Costs a look at every conversation: for storages that several nodes share. */
  headsChangedSince(at: number): Promise<{ conv: ConversationId; rev: number; h: string }[]>
  shareConversation(a: UserId, b: UserId): Promise<boolean>
  /** Are both in some group now? The lobby is none. */
  shareGroup(a: UserId, b: UserId): Promise<boolean>
  /** Has this person blocked that one? */
  hasBlocked(user: UserId, other: UserId): Promise<boolean>
  /** The newest first. */
  reports(limit: number): Promise<ReportRow[]>
  /** Guests who have not been here since this moment, on no device. */
  guestsIdleSince(at: number, limit: number): Promise<UserRow[]>
  /** Whom this person has blocked, by name. */
  blockedBy(user: UserId): Promise<UserRow[]>
  /** People of a tenant with a word of their name, or their login, beginning like this, whatever the case; by name. */
  peopleLike(tenant: string, text: string, limit: number): Promise<UserRow[]>

  // the log
  /** Ascending. The message of a `new` event is in its current state. */
  events(conv: ConversationId, after: number, limit: number): Promise<(LogEvent | UnknownEvent)[]>
  /** The hash chain at a rev, also below the floor; undefined when the log does not reach it. */
  hashAt(conv: ConversationId, rev: number): Promise<string | undefined>
  /** Join, leave and meta events with `afterSeq` in [from, to]. */
  notes(conv: ConversationId, fromSeq: number, toSeq: number): Promise<Note[]>
  /** Messages with seq in (after, before), ascending; the newest `limit` of them when `from` is 'end', the oldest otherwise. */
  messages(conv: ConversationId, range: { after: number; before: number; limit: number; from: 'start' | 'end' }): Promise<ChatMessage[]>
  message(id: MessageId): Promise<ChatMessage | undefined>
  /** Messages of these conversations that hold every term and that this member may read, the last stored first. */
  search(terms: readonly Term[], where: SearchScope): Promise<ChatMessage[]>
  messageByClientId(sender: UserId, clientId: ClientId): Promise<{ message: ChatMessage; rev: number; h: string; bodyHash: string } | undefined>
  /** What is remembered of a message that was stored under this client id and purged since. */
  tombstone(sender: UserId, clientId: ClientId): Promise<Tombstone | undefined>
  file(id: FileId): Promise<FileRow | undefined>
  /** Browsers to be told of messages of others in a conversation that their people neither read nor were told of, nor muted. */
  pushesOwed(conv: ConversationId, now: number): Promise<OwedPush[]>
  /** Bytes that the files of a person take on the disk: the least one some. */
  bytesOf(owner: UserId): Promise<number>
  /** Removed ones, and those begun before this moment that no message has taken. */
  filesToForget(begunBefore: number, limit: number): Promise<FileId[]>
  /** The recorded answer of an operation that was applied before. */
  operation(user: UserId, opId: OperationId): Promise<{ rev: number } | undefined>
  userEvents(user: UserId, after: number, limit: number): Promise<UserEvent[]>
  urev(user: UserId): Promise<number>

  invite(code: string): Promise<InviteRow | undefined>
  /** Those that were not revoked, the newest first. */
  invitesOf(conv: ConversationId): Promise<InviteRow[]>
}

export interface Tx extends ReadTx {
  insertUser(user: UserRow): Promise<void>
  updateUser(
    id: UserId,
    change: Partial<Pick<UserRow, 'name' | 'login' | 'contact' | 'receipts' | 'bannedAt' | 'lastSeenAt' | 'lastLoginAt'>>,
  ): Promise<void>
  /** The one before is gone. */
  setPicture(user: UserId, picture: { id: PictureId; jpeg: string } | null): Promise<void>
  /** In place of the one it had. */
  setGroupPicture(conv: ConversationId, picture: { id: PictureId; jpeg: string } | null): Promise<void>
  /**
   * Leaves nothing of a person but an id under this name: no login, no password, no picture, no session, no block, nothing of their own log; and no other name
   * of theirs in any log. Their memberships stay as they are.
   */
  forgetUser(id: UserId, name: string, at: number): Promise<void>
  /** Holds off every other transaction that calls this for the same person: for what is counted before it is added to. */
  lockUser(id: UserId): Promise<UserRow | undefined>
  /** Harmless when repeated, as its undoing. */
  insertBlock(user: UserId, other: UserId, at: number): Promise<void>
  deleteBlock(user: UserId, other: UserId): Promise<void>
  insertPasskey(row: PasskeyRow): Promise<void>
  updatePasskey(id: PasskeyId, change: Partial<Pick<PasskeyRow, 'counter' | 'usedAt'>>): Promise<void>
  deletePasskey(id: PasskeyId): Promise<void>
  deletePasskeysOf(user: UserId): Promise<void>
  /** Those that ended before `at` go. */
  insertPasskeyChallenge(row: PasskeyChallenge, at: number): Promise<void>
  /** Answers it, and forgets it: it is good for one try, until it ends. */
  takePasskeyChallenge(hash: string, at: number): Promise<PasskeyChallenge | undefined>
  insertPasswordReset(row: PasswordReset & { codeHash: string }): Promise<void>
  /** Every one of this person: when one is used, the others are worth nothing. */
  deletePasswordResets(user: UserId): Promise<void>
  /** Replaces the one that was. */
  setPasswordHash(user: UserId, hash: string, at: number): Promise<void>
  insertSession(session: SessionRow): Promise<void>
  updateSession(id: SessionId, change: Partial<Pick<SessionRow, 'lastSeenAt' | 'expiresAt' | 'revokedAt'>>): Promise<void>
  insertRefreshToken(row: RefreshTokenRow): Promise<void>
  /** No token of the session but `used` and those issued for it is valid any longer than `until`. */
  supersedeRefreshTokens(session: SessionId, used: string, until: number): Promise<void>
  /** Counts a connection of a tab; answers how many there were before. */
  countConnection(session: SessionId, tab: TabId, at: number): Promise<number>

  /** Stores a conversation and returns true, or returns false and changes nothing when this pair has one already. */
  insertConversation(row: ConversationRow, directPair?: readonly [UserId, UserId]): Promise<boolean>
  /** Takes the conversation's lock; the first statement of everything that appends, so that commit order is number order. */
  lockConversation(id: ConversationId): Promise<ConversationRow | undefined>
  /** Also for somebody who was a member before: the new row replaces the old one. */
  insertMember(row: NewMemberRow): Promise<void>
  updateMember(
    conv: ConversationId,
    user: UserId,
    change: Partial<Pick<MemberRow, 'role' | 'delivered' | 'read' | 'readShown' | 'leftRev' | 'isAsked' | 'isMuted'>>,
  ): Promise<void>
  /**
   * Stores a message together with its `new` event, whose rev is the message's version and whose hash is `h`, and returns true; its files are its own
   * from then on. Or
   * returns false and changes nothing when this sender used this client id before.
   */
  insertMessage(message: ChatMessage, more: { bodyHash: string; h: string }): Promise<boolean>
  /** Stores the message's new state. Once `deletedAt` is set, no trace of any of its texts is kept, and its files are removed. */
  updateMessage(message: ChatMessage): Promise<void>
  insertFile(file: FileFacts, owner: UserId, at: number): Promise<void>
  /** All of it is on the disk. `pixels`: of a picture. */
  completeFile(id: FileId, pixels: { width: number; height: number } | undefined, at: number): Promise<void>
  /** Nobody reads it any more; it goes from the disk soon, and then from here (`forgetFile`). */
  removeFile(id: FileId): Promise<void>
  /** Those of all messages up to this one. */
  removeFilesUpTo(conv: ConversationId, seq: number): Promise<void>
  forgetFile(id: FileId): Promise<void>
  /** Stores any other event. `afterSeq`: the seq of the last message before it. */
  appendEvent(event: Exclude<LogEvent, LogEventOf<'new'>>, afterSeq: number): Promise<void>
  /** Moves the conversation's rev, seq, hash, name or marksRev on; call once after the appends of a transaction. */
  updateConversation(
    id: ConversationId,
    change: Partial<Pick<ConversationRow, 'rev' | 'seq' | 'h' | 'name' | 'marksRev' | 'changedAt'>>,
  ): Promise<void>
  recordOperation(user: UserId, opId: OperationId, answer: { rev: number }, at: number): Promise<void>
  /** Numbers and stores an event of a person's own log; returns it with its urev. */
  appendUserEvent(user: UserId, event: UserEventDraft, at: number): Promise<UserEvent>
  /** In place of what this session, or this browser with another one, had before. */
  putPush(row: PushRow): Promise<void>
  /** `endpoint`: only if it is that one. */
  deletePush(session: SessionId, endpoint?: string): Promise<void>
  /** Nothing is owed to anybody of what is stored in the conversation now. */
  settlePushes(conv: ConversationId): Promise<void>
  insertInvite(row: InviteRow): Promise<void>
  updateInvite(code: string, change: Partial<Pick<InviteRow, 'revokedAt' | 'usesLeft'>>): Promise<void>
  insertReport(row: ReportRow): Promise<void>
  /** Forgets messages up to `seq` and the log up to where the last of them was stored; their client ids are remembered. */
  purge(conv: ConversationId, seq: number): Promise<void>
}

/** `UserEvent` without its number. */
export type UserEventDraft = UserEvent extends infer E ? (E extends UserEvent ? Omit<E, 'urev'> : never) : never

export type UserRow = {
  id: UserId
  tenant: string
  name: string
  /** What they sign in with, unique in the tenant; null: a guest. */
  login: string | null
  /** Who may begin to write to them. */
  contact: Contact
  /** Whether the others are told what they read. */
  receipts: Receipts
  /** What they chose to be seen as; null: nothing. */
  picture: PictureId | null
  /** Since then they are not let in; null: they are. */
  bannedAt: number | null
  /** Nothing is left of them but their messages. */
  deletedAt: number | null
  createdAt: number
  lastLoginAt: number
  lastSeenAt: number | null
}

/** A signed-in browser. */
export type SessionRow = {
  id: SessionId
  user: UserId
  deviceId: DeviceId
  /** What kind of browser it is, for the person to know it by. */
  label: string
  createdAt: number
  lastSeenAt: number
  expiresAt: number
  revokedAt: number | null
}

/** A refresh token that was handed out. Only its hash is kept. */
export type RefreshTokenRow = {
  /** SHA-256, hexadecimal. */
  hash: string
  session: SessionId
  /** The token it was issued for; null for the first of a session. */
  parent: string | null
  /** Use after this moment means that somebody kept a copy. */
  validUntil: number
}

export type ConversationRow = {
  id: ConversationId
  tenant: string
  kind: ConversationKind
  name: string
  /** Of a group. */
  picture: PictureId | null
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
  /** First event this member may see. */
  joinedRev: number
  /** Messages up to here are hidden from this member; 0 shows everything. */
  visibleFrom: number
  leftRev: number | null
  delivered: number
  read: number
  /** As far as the others are told that they read. */
  readShown: number
  /** Somebody wrote to them, and they have not agreed to it yet. */
  isAsked: boolean
  /** They want no notifications from here. */
  isMuted: boolean
}

/** What a new member is said to have read is `read`. Whoever comes back finds muted what they had muted. */
export type NewMemberRow = Omit<MemberRow, 'isMuted' | 'readShown'>

export type Membership = MemberRow & { person: Profile }

export type Tombstone = { conv: ConversationId; id: MessageId; seq: number; rev: number; at: number }

/** Where a browser can be told of messages while no page of it is open. */
export type PushRow = {
  session: SessionId
  user: UserId
  endpoint: string
  /** The browser's public key and its secret (RFC 8291), base64url. */
  p256dh: string
  auth: string
}

/** `seq`: of the newest message that is owed; `count`: of all that are unread; `delivered`: how far any device of the person has stored them. */
export type OwedPush = PushRow & { seq: number; count: number; delivered: number }

export type PasskeyRow = {
  id: PasskeyId
  user: UserId
  /** COSE, base64url. */
  publicKey: string
  /** How often it was used, by its own word; 0 where it doesn't count. */
  counter: number
  /** How it can be reached, for the browser: "internal", "usb" … */
  transports: string[]
  label: string
  madeAt: number
  usedAt: number | null
}

/** What a browser was asked to sign, by its hash. `user`: who is to add a passkey with it; null: to sign in, whoever it is. */
export type PasskeyChallenge = { hash: string; user: UserId | null; expiresAt: number }

export type PasswordReset = { user: UserId; expiresAt: number }

/** Somebody told the operators about somebody. `text`: of the message it is about, as it was then. */
export type ReportRow = { id: string; by: UserId; user: UserId; message: MessageId | null; text: string | null; reason: string; at: number }

/** Where messages are searched. `after` and `before`: when the server stored them, the first included, the second not. `until`: only those stored before this one. */
/** `at` each: null where it has not happened. */
export type FileRow = FileFacts & { owner: UserId; begunAt: number; completeAt: number | null; message: MessageId | null; isRemoved: boolean }

export type SearchScope = {
  /** Nothing but messages with files. */
  hasFile?: boolean | undefined
  reader: UserId
  convs: readonly ConversationId[]
  sender?: UserId | undefined
  after?: number | undefined
  before?: number | undefined
  until?: MessageId | undefined
  limit: number
}

export type InviteRow = {
  code: string
  conv: ConversationId
  createdBy: UserId
  createdAt: number
  revokedAt: number | null
  /** null: never. */
  expiresAt: number | null
  /** null: however many. */
  usesLeft: number | null
}

/** A rule said no: the transaction is rolled back and the code goes to whoever asked. */
export class Refused extends Error {
  readonly code: RefusalCode | StopCode
  readonly detail: string | undefined
  constructor(code: RefusalCode | StopCode, detail?: string) {
    super(code)
    this.code = code
    this.detail = detail
  }
}
