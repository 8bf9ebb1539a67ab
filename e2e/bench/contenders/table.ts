import { join } from 'node:path'
import Database from 'libsql'
import type { Post } from './listen.ts'

/** A table of messages in `DATA_DIR`, and how to add one. `pragmas` as SQL; without any, SQLite's defaults. */
export function openTable(pragmas = ''): { add: (post: Post) => void; exec: (sql: string) => void } {
  const db = new Database(join(process.env['DATA_DIR'] ?? '.', 'messages.db'))
  if (pragmas) db.exec(pragmas)
  db.exec('CREATE TABLE IF NOT EXISTS messages (id TEXT PRIMARY KEY, room TEXT NOT NULL, body TEXT NOT NULL, sent_at INTEGER NOT NULL)')
  const insert = db.prepare('INSERT INTO messages (id, room, body, sent_at) VALUES (?, ?, ?, ?)')
  return {
    add: ({ id, room, body, sentAt }) => void insert.run([id, room, body, sentAt]),
    exec: (sql) => void db.exec(sql),
  }
}
