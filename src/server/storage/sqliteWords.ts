import type { ConversationId, UserId } from '#protocol/ids.ts'
import { searchedText, wordsOf, type Term } from '#protocol/search.ts'
import type { Database } from './sqliteDriver.ts'
import type { SearchScope } from './store.ts'

/*
 * Which message holds which words: FTS5 without the texts themselves. A message is found by its words, its conversation and its sender; it is
 * written in the transaction that stores the message. `searched` gives each message a place, in the order in which they were stored, for ever.
 */

/** Begun words of two and three letters have an index of their own: they would be looked up in all words that begin so. */
export const WORDS_SCHEMA = `
  CREATE TABLE searched (n INTEGER PRIMARY KEY, conv TEXT NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL);
  CREATE UNIQUE INDEX searched_messages ON searched (conv, seq);
  CREATE INDEX searched_times ON searched (at);
  CREATE VIRTUAL TABLE words USING fts5 (
    conv, sender, body, content = '', contentless_delete = 1, prefix = '2 3', tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* Co'");
`

/** `files`: what the message has, as JSON. They are found by their names. */
type Searched = { conv: ConversationId; seq: number; sender: UserId; body: string; files?: string | null }

export function openSqliteWords(db: Database) {
  const number = db.prepare('INSERT INTO searched (conv, seq, at) VALUES (?, ?, ?)')
  const index = db.prepare('INSERT INTO words (rowid, conv, sender, body) VALUES (last_insert_rowid(), ?, ?, ?)')
  const indexAt = db.prepare('INSERT INTO words (rowid, conv, sender, body) VALUES (?, ?, ?, ?)')
  const unindex = db.prepare('DELETE FROM words WHERE rowid = ?')
  const unindexUpTo = db.prepare('DELETE FROM words WHERE rowid IN (SELECT n FROM searched WHERE conv = ? AND seq <= ?)')
  const before = db.prepare<{ n: number; body: string; files: string | null }>(`
    SELECT s.n, m.body, m.files FROM searched s JOIN messages m ON m.conv = s.conv AND m.seq = s.seq WHERE s.conv = ? AND s.seq = ?`)

  return {
    add: ({ conv, seq, sender, body, files, at }: Searched & { at: number }): void => {
      number.run(conv, seq, at)
      index.run(placeOf(conv, files), token(sender), indexed(body, files))
    },
    /** To be told before the message itself is changed: what it says until then is still to be read there. */
    change: ({ conv, seq, sender, body, files = null }: Searched): void => {
      const row = before.one(conv, seq)
      if (!row || (row.body === body && row.files === files)) return
      unindex.run(row.n)
      if (body !== '' || files) indexAt.run(row.n, placeOf(conv, files), token(sender), indexed(body, files))
    },
    /** Everything up to this message is found no more. */
    forget: (conv: ConversationId, seq: number): void => void unindexUpTo.run(conv, seq),
  }
}

/** Puts every message there is into an index that is empty, in the order in which they were stored. */
export function indexAll(db: Database): void {
  db.exec('INSERT INTO searched (conv, seq, at) SELECT conv, seq, at FROM messages ORDER BY at, conv, seq')
  const index = db.prepare('INSERT INTO words (rowid, conv, sender, body) VALUES (?, ?, ?, ?)')
  const next = db.prepare<Searched & { n: number }>(`
    SELECT s.n, m.conv, m.seq, m.sender, m.body FROM searched s JOIN messages m ON m.conv = s.conv AND m.seq = s.seq
    WHERE s.n > ? AND m.body <> '' ORDER BY s.n LIMIT 1000`)
  for (let rows = next.all(0); rows.length > 0; rows = next.all(rows.at(-1)!.n))
    for (const { n, conv, sender, body } of rows) index.run(n, token(conv), token(sender), indexed(body))
}

/** What FTS5 is asked for: every term, in one of these conversations, by this sender. Only letters and digits get into it, between quotation marks. */
export function matchFor(terms: readonly Term[], { convs, sender, hasFile }: Pick<SearchScope, 'convs' | 'sender' | 'hasFile'>): string {
  const text = terms.map(({ words, isOpen }) => `body : "${words.join(' ')}"${isOpen ? '*' : ''}`)
  const place = `conv : (${convs.map((conv) => `"${token(conv)}"`).join(' OR ')})`
  return [...text, place, ...(sender === undefined ? [] : [`sender : "${token(sender)}"`]), ...(hasFile ? [`conv : ${HAS_FILE}`] : [])].join(' AND ')
}

const indexed = (body: string, files: string | null = null): string =>
  wordsOf(searchedText({ body, ...(files && { files: JSON.parse(files) as { name: string }[] }) })).join(' ')

/** Beside the conversation of a message with files: no token of an id is like it. */
const HAS_FILE = 'file'
const placeOf = (conv: ConversationId, files: string | null = null): string => (files ? `${token(conv)} ${HAS_FILE}` : token(conv))

/** An id as one word: what is no letter and no digit would make it several. */
const token = (id: string): string => Buffer.from(id).toString('hex')
