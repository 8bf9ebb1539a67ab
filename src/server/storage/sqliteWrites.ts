import type { Database, SqlValue } from './sqliteDriver.ts'
import { eventData } from './sqliteRows.ts'
import { inOrder, openSqliteReads } from './sqliteReads.ts'
import { openSqliteWords } from './sqliteWords.ts'
import type { PasskeyChallenge, Tx } from './store.ts'

/** Every change to the store. To be called inside a transaction only. */
export function openSqliteWrites(db: Database): Tx {
  const reads = openSqliteReads(db)
  const words = openSqliteWords(db)
  const insertUser = db.prepare(
    'INSERT INTO users (id, tenant, name, login, contact, receipts, picture, banned_at, deleted_at, created_at, last_login_at, last_seen_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const insertSession = db.prepare(`
    INSERT INTO sessions (id, user, device, label, created_at, last_seen_at, expires_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
  const insertPasskey = db.prepare(`
    INSERT INTO passkeys (id, user, public_key, counter, transports, label, made_at, used_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`)
  const deletePasskey = db.prepare('DELETE FROM passkeys WHERE id = ?')
  const deletePasskeysOf = db.prepare('DELETE FROM passkeys WHERE user = ?')
  const insertChallenge = db.prepare('INSERT INTO passkey_challenges (hash, user, expires_at) VALUES (?, ?, ?)')
  const challenge = db.prepare<PasskeyChallenge>('SELECT hash, user, expires_at AS expiresAt FROM passkey_challenges WHERE hash = ?')
  const forgetChallenge = db.prepare('DELETE FROM passkey_challenges WHERE hash = ?')
  const forgetOldChallenges = db.prepare('DELETE FROM passkey_challenges WHERE expires_at <= ?')
  const insertPasswordReset = db.prepare('INSERT INTO password_resets (code_hash, user, expires_at) VALUES (?, ?, ?)')
  const deletePasswordResets = db.prepare('DELETE FROM password_resets WHERE user = ?')
  const deletePicture = db.prepare('DELETE FROM pictures WHERE user = ?')
  const insertPicture = db.prepare('INSERT INTO pictures (id, user, jpeg) VALUES (?, ?, ?)')
  const showPicture = db.prepare('UPDATE users SET picture = ?2 WHERE id = ?1')
  const deleteGroupPicture = db.prepare('DELETE FROM group_pictures WHERE conv = ?')
  const insertGroupPicture = db.prepare('INSERT INTO group_pictures (id, conv, jpeg) VALUES (?, ?, ?)')
  const showGroupPicture = db.prepare('UPDATE conversations SET picture = ?2 WHERE id = ?1')
  const setPasswordHash = db.prepare(`
    INSERT INTO passwords (user, hash, changed_at) VALUES (?1, ?2, ?3) ON CONFLICT (user) DO UPDATE SET hash = ?2, changed_at = ?3`)
  const insertRefreshToken = db.prepare('INSERT INTO refresh_tokens (hash, session, parent, valid_until) VALUES (?, ?, ?, ?)')
  const supersede = db.prepare(`
    UPDATE refresh_tokens SET valid_until = ?3
    WHERE session = ?1 AND hash <> ?2 AND parent IS NOT ?2 AND valid_until > ?3`)
  const connections = db.prepare<{ connections: number }>('SELECT connections FROM session_tabs WHERE session = ? AND tab = ?')
  const countConnection = db.prepare(`
    INSERT INTO session_tabs (session, tab, connections, last_at) VALUES (?1, ?2, 1, ?3)
    ON CONFLICT (session, tab) DO UPDATE SET connections = connections + 1, last_at = ?3`)

  const forgetUser = [
    'DELETE FROM passwords WHERE user = ?1',
    'DELETE FROM pictures WHERE user = ?1',
    'DELETE FROM password_resets WHERE user = ?1',
    'DELETE FROM passkeys WHERE user = ?1',
    'DELETE FROM passkey_challenges WHERE user = ?1',
    'DELETE FROM refresh_tokens WHERE session IN (SELECT id FROM sessions WHERE user = ?1)',
    'DELETE FROM session_tabs WHERE session IN (SELECT id FROM sessions WHERE user = ?1)',
    'DELETE FROM pushes WHERE user = ?1',
    'DELETE FROM sessions WHERE user = ?1',
    'DELETE FROM blocks WHERE user = ?1 OR other = ?1',
    'DELETE FROM user_log WHERE user = ?1',
  ].map((sql) => db.prepare(sql))
  const blankUser = db.prepare(
    `UPDATE users SET name = ?2, login = NULL, contact = 'nobody', picture = NULL, deleted_at = ?3, last_seen_at = NULL WHERE id = ?1`,
  )
  const blankNames = db.prepare(`
    UPDATE events SET data = json_set(data, '$.person.name', ?2, '$.person.isGuest', json('false'))
    WHERE kind IN ('join', 'leave') AND json_extract(data, '$.person.id') = ?1`)
  // Sessions that ended are told nothing; what is known of their browsers goes with the next that comes.
  const clearPushes = db.prepare(`
    DELETE FROM pushes WHERE session = ?1 OR endpoint = ?2 OR session IN (SELECT id FROM sessions WHERE user = ?3 AND revoked_at IS NOT NULL)`)
  const insertPush = db.prepare('INSERT INTO pushes (session, user, endpoint, p256dh, auth) VALUES (?, ?, ?, ?, ?)')
  const deletePush = db.prepare('DELETE FROM pushes WHERE session = ?1 AND (?2 IS NULL OR endpoint = ?2)')
  const settlePushes = db.prepare('UPDATE conversations SET pushed_seq = seq WHERE id = ?')
  const insertBlock = db.prepare('INSERT INTO blocks (user, other, at) VALUES (?, ?, ?) ON CONFLICT (user, other) DO NOTHING')
  const deleteBlock = db.prepare('DELETE FROM blocks WHERE user = ? AND other = ?')
  const insertConversation = db.prepare(`
    INSERT INTO conversations (id, tenant, kind, name, created_at, rev, seq, h, floor_rev, floor_seq, marks_rev, changed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)`)
  const insertDirect = db.prepare('INSERT INTO directs (low, high, conv) VALUES (?, ?, ?)')
  const insertMember = db.prepare(`
    INSERT INTO members (conv, user, role, joined_rev, visible_from, left_rev, delivered, read, read_shown, is_asked)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9)
    ON CONFLICT (conv, user) DO UPDATE SET role = excluded.role, joined_rev = excluded.joined_rev, visible_from = excluded.visible_from,
      left_rev = excluded.left_rev, delivered = excluded.delivered, read = excluded.read,
      read_shown = excluded.read_shown, is_asked = excluded.is_asked`)
  const insertMessage = db.prepare(`
    INSERT INTO messages (conv, seq, rev, h, id, client_id, sender, body, body_hash, sent_at, at, reply_to, files, version)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?3)
    ON CONFLICT (client_id, sender) DO NOTHING`)
  const updateMessage = db.prepare(
    'UPDATE messages SET body = ?, version = ?, edited_at = ?, deleted_at = ?, reactions = ? WHERE conv = ? AND seq = ?',
  )
  const insertFile = db.prepare('INSERT INTO files (id, owner, name, type, size, begun_at) VALUES (?, ?, ?, ?, ?, ?)')
  const completeFile = db.prepare('UPDATE files SET complete_at = ?2, width = ?3, height = ?4 WHERE id = ?1')
  const attachFile = db.prepare('UPDATE files SET message = ?2 WHERE id = ?1')
  const forgetFile = db.prepare('DELETE FROM files WHERE id = ?')
  const removeFile = db.prepare('UPDATE files SET is_removed = 1 WHERE id = ?')
  const removeFilesOf = db.prepare('UPDATE files SET is_removed = 1 WHERE message = ?')
  const dropFilesOf = db.prepare('UPDATE messages SET files = NULL WHERE id = ?')
  const removeFilesUpTo = db.prepare(`
    UPDATE files SET is_removed = 1 WHERE message IN (SELECT id FROM messages WHERE conv = ?1 AND seq <= ?2 AND files IS NOT NULL)`)
  const removeUnsentFiles = db.prepare('UPDATE files SET is_removed = 1 WHERE owner = ? AND message IS NULL')
  const forgetEdits = db.prepare(`UPDATE events SET data = '{"body":""}' WHERE message = ? AND kind = 'edit'`)
  const insertEvent = db.prepare(`
    INSERT INTO events (conv, rev, h, kind, actor, at, after_seq, message, seq, op, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const insertOperation = db.prepare('INSERT INTO operations (user, op, rev, at) VALUES (?, ?, ?, ?)')
  const insertUserEvent = db.prepare('INSERT INTO user_log (user, urev, event, at) VALUES (?, ?, ?, ?)')
  const insertInvite = db.prepare(
    'INSERT INTO invites (code, conv, created_by, created_at, revoked_at, expires_at, uses_left) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )

  const insertReport = db.prepare('INSERT INTO reports (id, by, user, message, text, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?)')

  const rememberHashes = db.prepare(`
    INSERT INTO purged_hashes (conv, rev, h)
    SELECT conv, rev, h FROM messages WHERE conv = ?1 AND seq <= ?2 AND seq > (SELECT floor_seq FROM conversations WHERE id = ?1)
    UNION ALL
    SELECT conv, rev, h FROM events WHERE conv = ?1 AND rev < (SELECT max(rev) FROM messages WHERE conv = ?1 AND seq <= ?2)`)
  const moveFloor = db.prepare(`
    UPDATE conversations SET floor_rev = m.rev, floor_seq = m.seq
    FROM (SELECT rev, seq FROM messages WHERE conv = ?1 AND seq <= ?2 ORDER BY seq DESC LIMIT 1) AS m WHERE id = ?1 AND floor_seq < m.seq`)
  const forgetEvents = db.prepare('DELETE FROM events WHERE conv = ?1 AND rev <= (SELECT floor_rev FROM conversations WHERE id = ?1)')
  const forgetTexts = db.prepare(`UPDATE messages SET body = '', body_hash = '', reactions = NULL, files = NULL WHERE conv = ? AND seq <= ?`)

  const updateUser = updater(db, 'users', ['id'], {
    name: 'name',
    login: 'login',
    contact: 'contact',
    receipts: 'receipts',
    bannedAt: 'banned_at',
    lastSeenAt: 'last_seen_at',
    lastLoginAt: 'last_login_at',
  })
  const updateInvite = updater(db, 'invites', ['code'], { revokedAt: 'revoked_at', usesLeft: 'uses_left' })
  const updatePasskey = updater(db, 'passkeys', ['id'], { counter: 'counter', usedAt: 'used_at' })
  const updateSession = updater(db, 'sessions', ['id'], { lastSeenAt: 'last_seen_at', expiresAt: 'expires_at', revokedAt: 'revoked_at' })
  const updateMember = updater(db, 'members', ['conv', 'user'], {
    role: 'role',
    delivered: 'delivered',
    read: 'read',
    readShown: 'read_shown',
    leftRev: 'left_rev',
    isAsked: 'is_asked',
    isMuted: 'is_muted',
  })
  const updateConversation = updater(db, 'conversations', ['id'], {
    rev: 'rev',
    seq: 'seq',
    h: 'h',
    name: 'name',
    marksRev: 'marks_rev',
    changedAt: 'changed_at',
  })

  return {
    ...reads,
    // BEGIN IMMEDIATE took the lock of the whole database already.
    lockConversation: reads.conversation,
    lockUser: reads.user,

    async insertUser({ id, tenant, name, login, contact, receipts, picture, bannedAt, deletedAt, createdAt, lastLoginAt, lastSeenAt }) {
      insertUser.run(id, tenant, name, login, contact, receipts, picture, bannedAt, deletedAt, createdAt, lastLoginAt, lastSeenAt)
    },
    async updateUser(id, change) {
      updateUser([id], change)
    },
    async forgetUser(id, name, at) {
      for (const statement of forgetUser) statement.run(id)
      removeUnsentFiles.run(id)
      blankUser.run(id, name, at)
      blankNames.run(id, name)
    },
    async setPicture(user, picture) {
      deletePicture.run(user)
      if (picture) insertPicture.run(picture.id, user, picture.jpeg)
      showPicture.run(user, picture?.id ?? null)
    },
    async setGroupPicture(conv, picture) {
      deleteGroupPicture.run(conv)
      if (picture) insertGroupPicture.run(picture.id, conv, picture.jpeg)
      showGroupPicture.run(conv, picture?.id ?? null)
    },
    async insertBlock(user, other, at) {
      insertBlock.run(user, other, at)
    },
    async deleteBlock(user, other) {
      deleteBlock.run(user, other)
    },
    async insertPasskey({ id, user, publicKey, counter, transports, label, madeAt, usedAt }) {
      insertPasskey.run(id, user, publicKey, counter, JSON.stringify(transports), label, madeAt, usedAt)
    },
    async updatePasskey(id, change) {
      updatePasskey([id], change)
    },
    async deletePasskey(id) {
      deletePasskey.run(id)
    },
    async deletePasskeysOf(user) {
      deletePasskeysOf.run(user)
    },
    async insertPasskeyChallenge({ hash, user, expiresAt }, at) {
      forgetOldChallenges.run(at)
      insertChallenge.run(hash, user, expiresAt)
    },
    async takePasskeyChallenge(hash, at) {
      const found = challenge.one(hash)
      forgetChallenge.run(hash)
      return found && found.expiresAt > at ? found : undefined
    },
    async insertPasswordReset({ codeHash, user, expiresAt }) {
      insertPasswordReset.run(codeHash, user, expiresAt)
    },
    async deletePasswordResets(user) {
      deletePasswordResets.run(user)
    },
    async setPasswordHash(user, hash, at) {
      setPasswordHash.run(user, hash, at)
    },
    async insertSession({ id, user, deviceId, label, createdAt, lastSeenAt, expiresAt, revokedAt }) {
      insertSession.run(id, user, deviceId, label, createdAt, lastSeenAt, expiresAt, revokedAt)
    },
    async updateSession(id, change) {
      updateSession([id], change)
    },
    async insertRefreshToken({ hash, session, parent, validUntil }) {
      insertRefreshToken.run(hash, session, parent, validUntil)
    },
    async supersedeRefreshTokens(session, used, until) {
      supersede.run(session, used, until)
    },
    async countConnection(session, tab, at) {
      const before = connections.one(session, tab)?.connections ?? 0
      countConnection.run(session, tab, at)
      return before
    },

    async insertConversation(row, directPair) {
      const pair = directPair && inOrder(...directPair)
      if (pair && (await reads.directBetween(...pair))) return false
      const { id, tenant, kind, name, createdAt, rev, seq, h, floorRev, marksRev, changedAt } = row
      insertConversation.run(id, tenant, kind, name, createdAt, rev, seq, h, floorRev, marksRev, changedAt)
      if (pair) insertDirect.run(...pair, id)
      return true
    },
    async insertMember({ conv, user, role, joinedRev, visibleFrom, leftRev, delivered, read, isAsked }) {
      insertMember.run(conv, user, role, joinedRev, visibleFrom, leftRev, delivered, read, isAsked ? 1 : 0)
    },
    async updateMember(conv, user, change) {
      const { isAsked, isMuted, ...rest } = change
      updateMember([conv, user], {
        ...rest,
        ...(isAsked !== undefined && { isAsked: isAsked ? 1 : 0 }),
        ...(isMuted !== undefined && { isMuted: isMuted ? 1 : 0 }),
      })
    },
    async insertMessage({ conv, seq, id, clientId, sender, body, sentAt, at, version, replyTo, files }, { bodyHash, h }) {
      const list = files ? JSON.stringify(files) : null
      if (insertMessage.run(conv, seq, version, h, id, clientId, sender, body, bodyHash, sentAt, at, replyTo ?? null, list) !== 1) return false
      words.add({ conv, seq, sender, body, files: list, at })
      for (const file of files ?? []) attachFile.run(file.id, id)
      return true
    },
    async updateMessage({ id, conv, seq, sender, body, version, editedAt, deletedAt, reactions, files }) {
      words.change({ conv, seq, sender, body, files: files ? JSON.stringify(files) : null })
      updateMessage.run(body, version, editedAt ?? null, deletedAt ?? null, reactions ? JSON.stringify(reactions) : null, conv, seq)
      if (deletedAt === undefined) return
      forgetEdits.run(id)
      removeFilesOf.run(id)
      dropFilesOf.run(id)
    },
    async insertFile({ id, name, type, size }, owner, at) {
      insertFile.run(id, owner, name, type, size, at)
    },
    async completeFile(id, pixels, at) {
      completeFile.run(id, at, pixels?.width ?? null, pixels?.height ?? null)
    },
    async removeFile(id) {
      removeFile.run(id)
    },
    async removeFilesUpTo(conv, seq) {
      removeFilesUpTo.run(conv, seq)
    },
    async forgetFile(id) {
      forgetFile.run(id)
    },
    async appendEvent(event, afterSeq) {
      const { conv, rev, h, kind, actor, at } = event
      const about = 'messageId' in event ? [event.messageId, event.seq, event.opId] : [null, null, null]
      insertEvent.run(conv, rev, h, kind, actor, at, afterSeq, ...about, eventData(event))
    },
    async updateConversation(id, change) {
      updateConversation([id], change)
    },
    async recordOperation(user, opId, answer, at) {
      insertOperation.run(user, opId, answer.rev, at)
    },
    async appendUserEvent(user, event, at) {
      const urev = (await reads.urev(user)) + 1
      insertUserEvent.run(user, urev, JSON.stringify(event), at)
      return { ...event, urev }
    },
    async putPush({ session, user, endpoint, p256dh, auth }) {
      clearPushes.run(session, endpoint, user)
      insertPush.run(session, user, endpoint, p256dh, auth)
    },
    async deletePush(session, endpoint) {
      deletePush.run(session, endpoint ?? null)
    },
    async settlePushes(conv) {
      settlePushes.run(conv)
    },
    async insertInvite({ code, conv, createdBy, createdAt, revokedAt, expiresAt, usesLeft }) {
      insertInvite.run(code, conv, createdBy, createdAt, revokedAt, expiresAt, usesLeft)
    },
    async updateInvite(code, change) {
      updateInvite([code], change)
    },
    async insertReport({ id, by, user, message, text, reason, at }) {
      insertReport.run(id, by, user, message, text, reason, at)
    },
    async purge(conv, seq) {
      rememberHashes.run(conv, seq)
      moveFloor.run(conv, seq)
      forgetEvents.run(conv)
      words.forget(conv, seq)
      removeFilesUpTo.run(conv, seq)
      forgetTexts.run(conv, seq)
    },
  }
}

/** An UPDATE of whichever columns a change names; each combination is prepared once. */
function updater<Change extends Record<string, SqlValue>>(db: Database, table: string, keys: string[], columns: { [K in keyof Change]: string }) {
  const prepared = new Map<string, ReturnType<typeof db.prepare>>()
  return (key: string[], change: Partial<Change>) => {
    const named = Object.keys(change) as (keyof Change & string)[]
    if (named.length === 0) return
    const which = named.join()
    let statement = prepared.get(which)
    if (!statement) {
      const set = named.map((name) => `${columns[name]} = ?`).join(', ')
      statement = db.prepare(`UPDATE ${table} SET ${set} WHERE ${keys.map((column) => `${column} = ?`).join(' AND ')}`)
      prepared.set(which, statement)
    }
    statement.run(...named.map((name) => change[name] as SqlValue), ...key)
  }
}
