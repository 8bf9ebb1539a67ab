import { join } from 'node:path'
import Libsql from 'libsql'
import type { ChainRow, History, ReadRow } from './history.ts'

/** Reads what the stopped server left on its disk, past all of its code. */
export function readDatabase(dataDir: string, history: History): void {
  const db = new Libsql(join(dataDir, 'tidemark.db'), { readonly: true })
  const all = <Row extends unknown[]>(sql: string, ...of: string[]): Row[] => db.prepare<[string[]]>(sql).raw().all(of) as Row[]

  for (const [conv] of all<[string]>('SELECT id FROM conversations')) {
    const messages = all<ReadRow>('SELECT seq, client_id, sender, body FROM messages WHERE conv = ? ORDER BY seq', conv)
    history.add({ kind: 'read', source: 'db', who: 'disk', conv, messages })
    const log = all<ChainRow>(
      `SELECT rev, 'new' AS kind, id, '', body_hash, h FROM messages WHERE conv = ?1
       UNION ALL SELECT rev, kind, coalesce(message, ''), coalesce(op, ''), '', h FROM events WHERE conv = ?1 ORDER BY rev`,
      conv,
    )
    history.add({ kind: 'chain', conv, log })
    const gone = all<[string, number]>(
      `SELECT m.user, e.after_seq FROM members m JOIN events e ON e.conv = m.conv AND e.rev = m.left_rev WHERE m.conv = ? AND m.left_rev IS NOT NULL`,
      conv,
    )
    for (const [who, afterSeq] of gone) history.add({ kind: 'left', who, conv, afterSeq })
  }
  db.close()
}
