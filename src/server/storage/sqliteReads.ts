import type { ClientId, ConversationId, FileId, MessageId, PictureId, SessionId, UserId } from '#protocol/ids.ts'
import type { LogEvent, Note } from '#protocol/log.ts'
import type { PasskeyId } from '#protocol/passkey.ts'
import type { Term } from '#protocol/search.ts'
import type { UserEvent } from '#protocol/sync.ts'
import type { Database } from './sqliteDriver.ts'
import {
  CONVERSATION_COLUMNS,
  EVENT_COLUMNS,
  MEMBER_COLUMNS,
  MESSAGE_COLUMNS,
  PERSON_COLUMNS,
  eventFrom,
  memberFrom,
  membershipFrom,
  messageFrom,
  newEventFrom,
  type EventColumns,
  type MemberColumns,
  type MessageColumns,
  type PersonColumns,
} from './sqliteRows.ts'
import { matchFor } from './sqliteWords.ts'
import type {
  ConversationRow,
  FileRow,
  InviteRow,
  OwedPush,
  PasskeyRow,
  PasswordReset,
  ReadTx,
  RefreshTokenRow,
  ReportRow,
  SearchScope,
  SessionRow,
  Tombstone,
  UserRow,
} from './store.ts'

/** Nobody counts further, and somebody who has not been here for a year would cost a look at all of it. */
const PUSH_COUNT_MAX = 100
const MAX = Number.MAX_SAFE_INTEGER
const MESSAGES = `SELECT ${MESSAGE_COLUMNS} FROM messages m JOIN users u ON u.id = m.sender`
const RANGE = `${MESSAGES} WHERE m.conv = ?1 AND m.seq > max(?2, (SELECT floor_seq FROM conversations WHERE id = ?1)) AND m.seq < ?3`
/** What SQLite answers: it has no truth values. */
type FileColumns = Omit<FileRow, 'width' | 'height' | 'isRemoved'> & { width: number | null; height: number | null; isRemoved: number }

/** Not purged. */
const STORED = 'm.seq > (SELECT floor_seq FROM conversations WHERE id = m.conv)'
const MEMBERSHIPS = `SELECT ${MEMBER_COLUMNS}, ${PERSON_COLUMNS} FROM members k JOIN users u ON u.id = k.user`
const EVENTS = `SELECT ${EVENT_COLUMNS} FROM events e`
const USERS = `
  SELECT id, tenant, name, login, contact, receipts, picture, banned_at AS bannedAt, deleted_at AS deletedAt, created_at AS createdAt, last_login_at AS lastLoginAt, last_seen_at AS lastSeenAt FROM users`
const SESSIONS = `
  SELECT s.id, s.user, s.device AS deviceId, s.label, s.created_at AS createdAt, s.last_seen_at AS lastSeenAt, s.expires_at AS expiresAt,
    s.revoked_at AS revokedAt
  FROM sessions s`
type PasskeyColumns = Omit<PasskeyRow, 'transports'> & { transports: string }
const PASSKEYS = `
  SELECT id, user, public_key AS publicKey, counter, transports, label, made_at AS madeAt, used_at AS usedAt FROM passkeys`
const passkeyFrom = (row: PasskeyColumns): PasskeyRow => ({ ...row, transports: JSON.parse(row.transports) as string[] })
const INVITES = `
  SELECT code, conv, created_by AS createdBy, created_at AS createdAt, revoked_at AS revokedAt, expires_at AS expiresAt, uses_left AS usesLeft
  FROM invites`

/** Every question to the store, each one prepared statement. */
export function openSqliteReads(db: Database): ReadTx {
  const user = db.prepare<UserRow>(`${USERS} WHERE id = ?`)
  const picture = db.prepare<{ jpeg: string }>('SELECT jpeg FROM pictures WHERE id = ?1 UNION ALL SELECT jpeg FROM group_pictures WHERE id = ?1')
  const userByLogin = db.prepare<UserRow>(`${USERS} WHERE tenant = ? AND login = ?`)
  const passwordReset = db.prepare<PasswordReset>('SELECT user, expires_at AS expiresAt FROM password_resets WHERE code_hash = ?')
  const passwordHash = db.prepare<{ hash: string }>('SELECT hash FROM passwords WHERE user = ?')
  const passkey = db.prepare<PasskeyColumns>(`${PASSKEYS} WHERE id = ?`)
  const passkeysOf = db.prepare<PasskeyColumns>(`${PASSKEYS} WHERE user = ? ORDER BY made_at DESC, id`)
  const session = db.prepare<SessionRow>(`${SESSIONS} WHERE s.id = ?`)
  const sessionsOf = db.prepare<SessionRow>(`${SESSIONS} WHERE s.user = ? ORDER BY s.last_seen_at DESC`)
  const goodToken = db.prepare('SELECT 1 FROM refresh_tokens WHERE session = ? AND valid_until >= ? LIMIT 1')
  const refreshToken = db.prepare<RefreshTokenRow>('SELECT hash, session, parent, valid_until AS validUntil FROM refresh_tokens WHERE hash = ?')

  const conversation = db.prepare<ConversationRow>(`SELECT ${CONVERSATION_COLUMNS} FROM conversations c WHERE c.id = ?`)
  const directBetween = db.prepare<ConversationRow>(`
    SELECT ${CONVERSATION_COLUMNS} FROM directs d JOIN conversations c ON c.id = d.conv WHERE d.low = ? AND d.high = ?`)
  const membership = db.prepare<MemberColumns & PersonColumns>(`${MEMBERSHIPS} WHERE k.conv = ? AND k.user = ? AND k.left_rev IS NULL`)
  const members = db.prepare<MemberColumns & PersonColumns>(`
    ${MEMBERSHIPS} WHERE k.conv = ? AND k.left_rev IS NULL ORDER BY k.joined_rev, k.user LIMIT ?`)
  // One value instead of a row for each: asked for every message, in conversations of any size.
  const memberIds = db.prepare<{ ids: string }>('SELECT json_group_array(user) AS ids FROM members WHERE conv = ? AND left_rev IS NULL')
  const memberIdsNotSeeing = db.prepare<{ user: UserId }>('SELECT user FROM members WHERE conv = ? AND left_rev IS NULL AND visible_from >= ?')
  const memberCount = db.prepare<{ n: number }>('SELECT member_count AS n FROM conversations WHERE id = ?')
  const conversationsOf = db.prepare<ConversationRow>(`
    SELECT ${CONVERSATION_COLUMNS} FROM members k JOIN conversations c ON c.id = k.conv
    WHERE k.user = ? AND k.left_rev IS NULL ORDER BY c.changed_at DESC`)
  const headsChanged = db.prepare<{ conv: ConversationId; rev: number; h: string }>(
    'SELECT id AS conv, rev, h FROM conversations WHERE changed_at >= ?',
  )
  const membershipsOf = db.prepare<MemberColumns>(`SELECT ${MEMBER_COLUMNS} FROM members k WHERE k.user = ? AND k.left_rev IS NULL`)
  const shared = db.prepare(`
    SELECT 1 FROM members a JOIN members b ON b.conv = a.conv
    WHERE a.user = ? AND a.left_rev IS NULL AND b.user = ? AND b.left_rev IS NULL LIMIT 1`)
  const sharedGroup = db.prepare(`
    SELECT 1 FROM members a JOIN members b ON b.conv = a.conv JOIN conversations c ON c.id = a.conv
    WHERE a.user = ? AND a.left_rev IS NULL AND b.user = ? AND b.left_rev IS NULL AND c.kind = 'group' LIMIT 1`)
  const block = db.prepare('SELECT 1 FROM blocks WHERE user = ? AND other = ?')
  const guestsIdle = db.prepare<UserRow>(`
    ${USERS} WHERE login IS NULL AND deleted_at IS NULL AND coalesce(last_seen_at, created_at) < ?1
      AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.user = users.id AND s.last_seen_at >= ?1) LIMIT ?2`)
  const reports = db.prepare<ReportRow>('SELECT id, by, user, message, text, reason, at FROM reports ORDER BY id DESC LIMIT ?')
  const blockedBy = db.prepare<UserRow>(`${USERS} WHERE id IN (SELECT other FROM blocks WHERE user = ?) ORDER BY name, id`)
  const peopleLike = db.prepare<UserRow>(`
    ${USERS} WHERE tenant = ?1 AND deleted_at IS NULL AND (name LIKE ?2 ESCAPE '\\' OR name LIKE ?3 ESCAPE '\\' OR login LIKE ?2 ESCAPE '\\') ORDER BY name, id LIMIT ?4`)

  const others = db.prepare<EventColumns>(`${EVENTS} WHERE e.conv = ? AND e.rev > ? ORDER BY e.rev LIMIT ?`)
  const notes = db.prepare<EventColumns>(`${EVENTS} WHERE e.conv = ? AND e.message IS NULL AND e.after_seq BETWEEN ? AND ? ORDER BY e.rev`)
  // Between two other events every rev is a message, so the last one at or before a rev tells how many messages lie below it.
  const seqAt = db.prepare<{ seq: number | null }>(`
    SELECT coalesce(
      (SELECT after_seq + ?2 - rev FROM events WHERE conv = ?1 AND rev <= ?2 ORDER BY rev DESC LIMIT 1),
      (SELECT floor_seq + ?2 - floor_rev FROM conversations WHERE id = ?1)) AS seq`)
  const otherHashAt = db.prepare<{ h: string }>('SELECT h FROM events WHERE conv = ? AND rev = ?')
  const messageHashAt = db.prepare<{ h: string }>(`SELECT m.h FROM messages m WHERE m.conv = ? AND m.seq = ? AND m.rev = ? AND ${STORED}`)
  const purgedHashAt = db.prepare<{ h: string }>('SELECT h FROM purged_hashes WHERE conv = ? AND rev = ?')
  const oldest = db.prepare<MessageColumns>(`${RANGE} ORDER BY m.seq LIMIT ?4`)
  const newest = db.prepare<MessageColumns>(`${RANGE} ORDER BY m.seq DESC LIMIT ?4`)
  const message = db.prepare<MessageColumns>(`${MESSAGES} WHERE m.id = ? AND ${STORED}`)
  const byClientId = db.prepare<MessageColumns & { bodyHash: string }>(`
    SELECT ${MESSAGE_COLUMNS}, m.body_hash AS bodyHash FROM messages m JOIN users u ON u.id = m.sender
    WHERE m.sender = ? AND m.client_id = ? AND ${STORED}`)
  const tombstone = db.prepare<Tombstone>(`
    SELECT m.conv, m.id, m.seq, m.rev, m.at FROM messages m WHERE m.sender = ? AND m.client_id = ? AND NOT ${STORED}`)
  // A time is a place, nearly: places are looked at from there on only, and not every message that fits.
  const found = db.prepare<MessageColumns>(`
    SELECT ${MESSAGE_COLUMNS} FROM words w
    JOIN searched s ON s.n = w.rowid JOIN messages m ON m.conv = s.conv AND m.seq = s.seq
    JOIN members k ON k.conv = m.conv AND k.user = ?2 AND k.left_rev IS NULL AND m.seq > k.visible_from JOIN users u ON u.id = m.sender
    WHERE w.words MATCH ?1 AND w.rowid >= coalesce((SELECT min(n) FROM searched WHERE at >= ?3), ${MAX})
      AND w.rowid < min(?5, coalesce((SELECT max(n) + 1 FROM searched WHERE at < ?4), 0)) AND m.at >= ?3 AND m.at < ?4
    ORDER BY w.rowid DESC LIMIT ?6`)
  const placeOf = db.prepare<{ n: number }>('SELECT s.n FROM messages m JOIN searched s ON s.conv = m.conv AND s.seq = m.seq WHERE m.id = ?')
  const file = db.prepare<FileColumns>(`
    SELECT id, owner, name, type, size, width, height, begun_at AS begunAt, complete_at AS completeAt, message, is_removed AS isRemoved FROM files WHERE id = ?`)
  const bytesOf = db.prepare<{ bytes: number }>('SELECT coalesce(sum(max(size, 16384)), 0) AS bytes FROM files WHERE owner = ?')
  const filesToForget = db.prepare<{ id: FileId }>(`
    SELECT id FROM files WHERE is_removed = 1 UNION SELECT id FROM files WHERE message IS NULL AND begun_at < ?1 LIMIT ?2`)
  const pushesOwed = db.prepare<OwedPush>(`
    SELECT p.session, p.user, p.endpoint, p.p256dh, p.auth, k.delivered, count(*) AS count, max(m.seq) AS seq
    FROM members k JOIN conversations c ON c.id = k.conv JOIN pushes p ON p.user = k.user
      JOIN sessions s ON s.id = p.session AND s.revoked_at IS NULL AND s.expires_at > ?2
      JOIN messages m ON m.conv = k.conv AND m.seq > max(k.read, k.visible_from, c.floor_seq, c.seq - ${PUSH_COUNT_MAX}) AND m.sender <> k.user AND m.deleted_at IS NULL
    WHERE k.conv = ?1 AND k.left_rev IS NULL AND k.is_muted = 0 AND k.read < c.seq AND c.pushed_seq < c.seq
    GROUP BY p.session HAVING max(m.seq) > c.pushed_seq`)
  const operation = db.prepare<{ rev: number }>('SELECT rev FROM operations WHERE user = ? AND op = ?')
  const userEvents = db.prepare<{ urev: number; event: string }>('SELECT urev, event FROM user_log WHERE user = ? AND urev > ? ORDER BY urev LIMIT ?')
  const urev = db.prepare<{ urev: number }>('SELECT urev FROM user_log WHERE user = ? ORDER BY urev DESC LIMIT 1')
  const invite = db.prepare<InviteRow>(`${INVITES} WHERE code = ?`)
  const invitesOf = db.prepare<InviteRow>(`${INVITES} WHERE conv = ? AND revoked_at IS NULL ORDER BY created_at DESC, code`)

  return {
    async picture(id: PictureId) {
      return picture.one(id)?.jpeg
    },
    async user(id: UserId) {
      return user.one(id)
    },
    async userByLogin(tenant: string, login: string) {
      return userByLogin.one(tenant, login)
    },
    async passwordReset(codeHash: string) {
      return passwordReset.one(codeHash)
    },
    async passwordHash(id: UserId) {
      return passwordHash.one(id)?.hash
    },
    async passkey(id: PasskeyId) {
      const row = passkey.one(id)
      return row && passkeyFrom(row)
    },
    async passkeysOf(id: UserId) {
      return passkeysOf.all(id).map(passkeyFrom)
    },
    async session(id: SessionId) {
      return session.one(id)
    },
    async sessionsOf(id: UserId) {
      return sessionsOf.all(id)
    },
    async hasGoodRefreshToken(id: SessionId, at: number) {
      return goodToken.one(id, at) !== undefined
    },
    async refreshToken(hash: string) {
      return refreshToken.one(hash)
    },

    async conversation(id: ConversationId) {
      return conversation.one(id)
    },
    async directBetween(a: UserId, b: UserId) {
      return directBetween.one(...inOrder(a, b))
    },
    async membership(conv: ConversationId, id: UserId) {
      const row = membership.one(conv, id)
      return row && membershipFrom(row)
    },
    async members(conv: ConversationId, limit: number) {
      return members.all(conv, limit).map(membershipFrom)
    },
    async memberIds(conv: ConversationId) {
      return JSON.parse(memberIds.one(conv)?.ids ?? '[]') as UserId[]
    },
    async memberIdsNotSeeing(conv: ConversationId, seq: number) {
      return memberIdsNotSeeing.all(conv, seq).map((row) => row.user)
    },
    async memberCount(conv: ConversationId) {
      return memberCount.one(conv)?.n ?? 0
    },
    async conversationsOf(id: UserId) {
      const memberships = new Map(membershipsOf.all(id).map((row) => [row.conv, memberFrom(row)]))
      return conversationsOf.all(id).map((row) => ({ conversation: row, membership: memberships.get(row.id)! }))
    },
    async headsChangedSince(at: number) {
      return headsChanged.all(at)
    },
    async shareConversation(a: UserId, b: UserId) {
      return shared.one(a, b) !== undefined
    },
    async shareGroup(a: UserId, b: UserId) {
      return sharedGroup.one(a, b) !== undefined
    },
    async hasBlocked(id: UserId, other: UserId) {
      return block.one(id, other) !== undefined
    },
    async guestsIdleSince(at: number, limit: number) {
      return guestsIdle.all(at, limit)
    },
    async reports(limit: number) {
      return reports.all(limit)
    },
    async blockedBy(id: UserId) {
      return blockedBy.all(id)
    },
    async peopleLike(tenant: string, text: string, limit: number) {
      const beginning = `${text.replace(/[\\%_]/g, '\\$&')}%`
      return peopleLike.all(tenant, beginning, `% ${beginning}`, limit)
    },

    async events(conv: ConversationId, after: number, limit: number) {
      const news = oldest.all(conv, seqAt.one(conv, after)?.seq ?? 0, MAX, limit)
      return merged(news.map(newEventFrom), others.all(conv, after, limit).map(eventFrom)).slice(0, limit)
    },
    async notes(conv: ConversationId, fromSeq: number, toSeq: number) {
      return notes.all(conv, fromSeq, toSeq).map((row) => eventFrom(row) as Note)
    },
    async hashAt(conv: ConversationId, rev: number) {
      const there = otherHashAt.one(conv, rev) ?? messageHashAt.one(conv, seqAt.one(conv, rev)?.seq ?? 0, rev)
      return (there ?? purgedHashAt.one(conv, rev))?.h
    },
    async messages(conv: ConversationId, { after, before, limit, from }) {
      const rows = from === 'start' ? oldest.all(conv, after, before, limit) : newest.all(conv, after, before, limit).reverse()
      return rows.map(messageFrom)
    },
    async message(id: MessageId) {
      const row = message.one(id)
      return row && messageFrom(row)
    },
    async search(terms: readonly Term[], { reader, convs, sender, after = 0, before = MAX, until, limit, hasFile = false }: SearchScope) {
      const place = until === undefined ? MAX : (placeOf.one(until)?.n ?? 0)
      return convs.length === 0 ? [] : found.all(matchFor(terms, { convs, sender, hasFile }), reader, after, before, place, limit).map(messageFrom)
    },
    async messageByClientId(sender: UserId, clientId: ClientId) {
      const row = byClientId.one(sender, clientId)
      return row && { message: messageFrom(row), rev: row.rev, h: row.h, bodyHash: row.bodyHash }
    },
    async tombstone(sender: UserId, clientId: ClientId) {
      return tombstone.one(sender, clientId)
    },
    async file(id: FileId) {
      const row = file.one(id)
      if (!row) return undefined
      const { width, height, isRemoved, ...rest } = row
      return { ...rest, ...(width !== null && height !== null && { width, height }), isRemoved: isRemoved === 1 }
    },
    async bytesOf(owner: UserId) {
      return bytesOf.one(owner)?.bytes ?? 0
    },
    async filesToForget(begunBefore: number, limit: number) {
      return filesToForget.all(begunBefore, limit).map(({ id }) => id)
    },
    async pushesOwed(conv: ConversationId, now: number) {
      return pushesOwed.all(conv, now)
    },
    async operation(id: UserId, opId: string) {
      return operation.one(id, opId)
    },
    async userEvents(id: UserId, after: number, limit: number) {
      return userEvents.all(id, after, limit).map((row) => ({ ...(JSON.parse(row.event) as UserEvent), urev: row.urev }))
    },
    async urev(id: UserId) {
      return urev.one(id)?.urev ?? 0
    },
    async invite(code: string) {
      return invite.one(code)
    },
    async invitesOf(conv: ConversationId) {
      return invitesOf.all(conv)
    },
  }
}

/** The one order of a pair. Two columns, so no separator can make two pairs look alike. */
export const inOrder = (a: UserId, b: UserId): [UserId, UserId] => (a < b ? [a, b] : [b, a])

/** Two ascending lists as one. */
function merged(a: LogEvent[], b: LogEvent[]): LogEvent[] {
  if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a
  return [...a, ...b].sort((x, y) => x.rev - y.rev)
}
