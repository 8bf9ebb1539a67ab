import type { Database } from './sqliteDriver.ts'
import { indexAll, WORDS_SCHEMA } from './sqliteWords.ts'
import { StartError } from './startError.ts'

/** Number n brings a database from schema n-1 to n. Never change one that was released: add the next. */
const MIGRATIONS: readonly (string | ((db: Database) => void))[] = [
  `
  CREATE TABLE users (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, name TEXT NOT NULL, is_guest INTEGER NOT NULL,
    created_at INTEGER NOT NULL, last_login_at INTEGER NOT NULL, last_seen_at INTEGER
  ) WITHOUT ROWID;

  CREATE TABLE sessions (
    id TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users, device TEXT NOT NULL,
    created_at INTEGER NOT NULL, last_seen_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, revoked_at INTEGER
  ) WITHOUT ROWID;
  CREATE INDEX sessions_of_user ON sessions (user);
  CREATE TABLE refresh_tokens (
    hash TEXT PRIMARY KEY, session TEXT NOT NULL REFERENCES sessions, parent TEXT, valid_until INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX refresh_tokens_of_session ON refresh_tokens (session);
  CREATE TABLE session_tabs (
    session TEXT NOT NULL REFERENCES sessions, tab TEXT NOT NULL, connections INTEGER NOT NULL, last_at INTEGER NOT NULL,
    PRIMARY KEY (session, tab)
  ) WITHOUT ROWID;

  CREATE TABLE conversations (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, created_at INTEGER NOT NULL,
    rev INTEGER NOT NULL, seq INTEGER NOT NULL, h TEXT NOT NULL, floor_rev INTEGER NOT NULL, floor_seq INTEGER NOT NULL,
    marks_rev INTEGER NOT NULL, changed_at INTEGER NOT NULL, member_count INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID;
  CREATE TABLE directs (
    low TEXT NOT NULL REFERENCES users, high TEXT NOT NULL REFERENCES users, conv TEXT NOT NULL REFERENCES conversations,
    PRIMARY KEY (low, high)
  ) WITHOUT ROWID;
  CREATE TABLE members (
    conv TEXT NOT NULL REFERENCES conversations, user TEXT NOT NULL REFERENCES users, role TEXT NOT NULL,
    joined_rev INTEGER NOT NULL, visible_from INTEGER NOT NULL, left_rev INTEGER, delivered INTEGER NOT NULL, read INTEGER NOT NULL,
    PRIMARY KEY (conv, user)
  ) WITHOUT ROWID;
  CREATE INDEX memberships ON members (user, conv) WHERE left_rev IS NULL;
  -- How many are here is asked at every hello; counting a lobby of thousands each time was most of what a hello cost.
  CREATE TRIGGER member_came AFTER INSERT ON members WHEN new.left_rev IS NULL
    BEGIN UPDATE conversations SET member_count = member_count + 1 WHERE id = new.conv; END;
  CREATE TRIGGER member_moved AFTER UPDATE OF left_rev ON members WHEN (old.left_rev IS NULL) <> (new.left_rev IS NULL)
    BEGIN UPDATE conversations SET member_count = member_count + iif(new.left_rev IS NULL, 1, -1) WHERE id = new.conv; END;

  -- A message and the event that says so are one row: its place in the log is (rev, h). At or below the conversation's floor_seq it was
  -- purged: its text is gone, its ids stay, so that a retry is recognised.
  CREATE TABLE messages (
    conv TEXT NOT NULL, seq INTEGER NOT NULL, rev INTEGER NOT NULL, h TEXT NOT NULL, id TEXT NOT NULL, client_id TEXT NOT NULL,
    sender TEXT NOT NULL, body TEXT NOT NULL, body_hash TEXT NOT NULL, sent_at INTEGER NOT NULL, at INTEGER NOT NULL, reply_to TEXT,
    version INTEGER NOT NULL, edited_at INTEGER, deleted_at INTEGER, reactions TEXT,
    PRIMARY KEY (conv, seq)
  ) WITHOUT ROWID;
  CREATE UNIQUE INDEX messages_by_id ON messages (id);
  -- In this order, because client ids begin with their time: new entries of all senders fall on the same few pages.
  CREATE UNIQUE INDEX messages_by_client_id ON messages (client_id, sender);
  -- Every other event. after_seq counts the messages stored before it, which tells where among the messages any rev lies.
  CREATE TABLE events (
    conv TEXT NOT NULL, rev INTEGER NOT NULL, h TEXT NOT NULL, kind TEXT NOT NULL, actor TEXT NOT NULL, at INTEGER NOT NULL,
    after_seq INTEGER NOT NULL, message TEXT, seq INTEGER, op TEXT, data TEXT,
    PRIMARY KEY (conv, rev)
  ) WITHOUT ROWID;
  CREATE INDEX notes ON events (conv, after_seq, rev) WHERE message IS NULL;
  CREATE INDEX edits ON events (message) WHERE kind = 'edit';
  CREATE TABLE operations (
    user TEXT NOT NULL, op TEXT NOT NULL, rev INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (user, op)
  ) WITHOUT ROWID;

  CREATE TABLE user_log (
    user TEXT NOT NULL REFERENCES users, urev INTEGER NOT NULL, event TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (user, urev)
  ) WITHOUT ROWID;
  CREATE TABLE invites (
    code TEXT PRIMARY KEY, conv TEXT NOT NULL REFERENCES conversations, created_by TEXT NOT NULL REFERENCES users,
    created_at INTEGER NOT NULL, revoked_at INTEGER
  ) WITHOUT ROWID;
  CREATE INDEX invites_of_conversation ON invites (conv);
  `,
  // Where the log ran below the floor: whoever was away for long still learns whether it is the log they know.
  'CREATE TABLE purged_hashes (conv TEXT NOT NULL, rev INTEGER NOT NULL, h TEXT NOT NULL, PRIMARY KEY (conv, rev)) WITHOUT ROWID',
  // Whoever has a login is registered, all others are guests: one fact, kept once.
  `
  ALTER TABLE users ADD COLUMN login TEXT;
  ALTER TABLE users DROP COLUMN is_guest;
  CREATE UNIQUE INDEX users_by_login ON users (tenant, login) WHERE login IS NOT NULL;
  CREATE TABLE passwords (user TEXT PRIMARY KEY REFERENCES users, hash TEXT NOT NULL, changed_at INTEGER NOT NULL) WITHOUT ROWID;
  ALTER TABLE sessions ADD COLUMN label TEXT NOT NULL DEFAULT '';
  `,
  `
  ALTER TABLE users ADD COLUMN contact TEXT NOT NULL DEFAULT 'anyone';
  CREATE TABLE password_resets (code_hash TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users, expires_at INTEGER NOT NULL) WITHOUT ROWID;
  ALTER TABLE users ADD COLUMN banned_at INTEGER;
  ALTER TABLE users ADD COLUMN deleted_at INTEGER;
  ALTER TABLE invites ADD COLUMN expires_at INTEGER;
  ALTER TABLE invites ADD COLUMN uses_left INTEGER;
  CREATE TABLE reports (
    id TEXT PRIMARY KEY, by TEXT NOT NULL REFERENCES users, user TEXT NOT NULL REFERENCES users, message TEXT, text TEXT,
    reason TEXT NOT NULL, at INTEGER NOT NULL
  ) WITHOUT ROWID;
  ALTER TABLE members ADD COLUMN is_asked INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE blocks (user TEXT NOT NULL REFERENCES users, other TEXT NOT NULL REFERENCES users, at INTEGER NOT NULL, PRIMARY KEY (user, other)) WITHOUT ROWID;
  `,
  `
  CREATE TABLE passkeys (
    id TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users, public_key TEXT NOT NULL, counter INTEGER NOT NULL, transports TEXT NOT NULL,
    label TEXT NOT NULL, made_at INTEGER NOT NULL, used_at INTEGER
  ) WITHOUT ROWID;
  CREATE INDEX passkeys_of_user ON passkeys (user);
  CREATE TABLE passkey_challenges (hash TEXT PRIMARY KEY, user TEXT REFERENCES users, expires_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE INDEX passkey_challenges_by_end ON passkey_challenges (expires_at);
  `,
  `
  ALTER TABLE users ADD COLUMN picture TEXT;
  CREATE TABLE pictures (id TEXT PRIMARY KEY, user TEXT NOT NULL UNIQUE REFERENCES users, jpeg TEXT NOT NULL);
  `,
  (db) => {
    db.exec(WORDS_SCHEMA)
    indexAll(db)
  },
  // A file belongs to its owner until a message takes it. One that is removed is here until it is gone from the disk.
  `
  ALTER TABLE messages ADD COLUMN files TEXT;
  CREATE TABLE files (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL REFERENCES users, name TEXT NOT NULL, type TEXT NOT NULL, size INTEGER NOT NULL,
    width INTEGER, height INTEGER, begun_at INTEGER NOT NULL, complete_at INTEGER, message TEXT, is_removed INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID;
  CREATE INDEX files_of_owner ON files (owner, size);
  CREATE INDEX files_of_message ON files (message) WHERE message IS NOT NULL;
  CREATE INDEX files_of_nothing ON files (begun_at) WHERE message IS NULL;
  CREATE INDEX files_removed ON files (is_removed) WHERE is_removed = 1;
  `,
  `
  ALTER TABLE members ADD COLUMN is_muted INTEGER NOT NULL DEFAULT 0;
  `,
  // `pushed_seq`: up to here nobody is owed a push.
  `
  CREATE TABLE pushes (
    session TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users, endpoint TEXT NOT NULL UNIQUE, p256dh TEXT NOT NULL, auth TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX pushes_of_user ON pushes (user);
  ALTER TABLE conversations ADD COLUMN pushed_seq INTEGER NOT NULL DEFAULT 0;
  UPDATE conversations SET pushed_seq = seq;
  `,
  `
  ALTER TABLE conversations ADD COLUMN picture TEXT;
  CREATE TABLE group_pictures (id TEXT PRIMARY KEY, conv TEXT NOT NULL UNIQUE REFERENCES conversations, jpeg TEXT NOT NULL);
  `,
  // `read_shown`: how far the others are told that somebody read, who may keep it to themselves.
  `
  ALTER TABLE users ADD COLUMN receipts TEXT NOT NULL DEFAULT 'shown';
  ALTER TABLE members ADD COLUMN read_shown INTEGER NOT NULL DEFAULT 0;
  UPDATE members SET read_shown = read;
  `,
]

/** Brings the schema up to date, all or nothing, and answers the epoch: made once per database, by `newId`. */
export function migrate(db: Database, newId: () => string): string {
  db.exec('BEGIN IMMEDIATE')
  try {
    db.exec('CREATE TABLE IF NOT EXISTS meta (k TEXT PRIMARY KEY, v TEXT NOT NULL) WITHOUT ROWID')
    const entry = db.prepare<{ v: string }>('SELECT v FROM meta WHERE k = ?')
    const keep = db.prepare('INSERT INTO meta (k, v) VALUES (?1, ?2) ON CONFLICT (k) DO UPDATE SET v = ?2')
    const version = Number(entry.one('schema')?.v ?? 0)
    if (version > MIGRATIONS.length) {
      throw new StartError(
        `The database was written by a newer version (schema ${version}, this one knows ${MIGRATIONS.length}): start that version.`,
      )
    }
    for (const migration of MIGRATIONS.slice(version)) {
      if (typeof migration === 'string') db.exec(migration)
      else migration(db)
    }
    keep.run('schema', String(MIGRATIONS.length))
    const epoch = entry.one('epoch')?.v ?? newId()
    keep.run('epoch', epoch)
    db.exec('COMMIT')
    return epoch
  } catch (error) {
    if (db.inTransaction()) db.exec('ROLLBACK')
    throw error
  }
}
