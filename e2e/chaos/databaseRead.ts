import { createHash } from 'node:crypto'
import { join } from 'node:path'
import Libsql from 'libsql'
import { messageState, type ChainRow, type ChangeRow, type History, type ReadRow } from './history.ts'

/** Reads what the stopped server left on its disk, past all of its code. */
export function readDatabase(dataDir: string, history: History): void {
  const db = new Libsql(join(dataDir, 'tidemark.db'), { readonly: true })
  const all = <Row extends unknown[]>(sql: string, ...of: string[]): Row[] => db.prepare<[string[]]>(sql).raw().all(of) as Row[]

  for (const [conv] of all<[string]>('SELECT id FROM conversations')) {
    type Stored = [seq: number, id: string, sender: string, body: string, editedAt: number | null, deletedAt: number | null, reactions: string | null]
    const stored = all<Stored>(
      'SELECT seq, client_id, sender, body, edited_at, deleted_at, reactions FROM messages WHERE conv = ? ORDER BY seq',
      conv,
    )
    const messages = stored.map(([seq, id, sender, body, editedAt, deletedAt, reactions]): ReadRow => {
      const reacted = JSON.parse(reactions ?? '{}') as Record<string, string[]>
      return [seq, id, sender, body, messageState({ editedAt, deletedAt, reactions: reacted })]
    })
    history.add({ kind: 'read', source: 'db', who: 'disk', conv, messages })
    const log = all<[...ChainRow, text: string | null]>(
      `SELECT rev, 'new' AS kind, id, '', body_hash, h, NULL FROM messages WHERE conv = ?1
       UNION ALL SELECT rev, kind, coalesce(message, ''), coalesce(op, ''), '', h, iif(kind = 'edit', json_extract(data, '$.body'), NULL)
       FROM events WHERE conv = ?1 ORDER BY rev`,
      conv,
    )
    const chain = log.map(([rev, kind, message, op, hash, h, text]): ChainRow => {
      const isKept = text !== null && text !== ''
      return [rev, kind, message, op, isKept ? createHash('sha256').update(text).digest('hex') : hash, h]
    })
    history.add({ kind: 'chain', conv, log: chain })
    const changes = all<ChangeRow>(
      `SELECT e.rev, e.kind, m.client_id, e.op, e.actor, coalesce(json_extract(e.data, '$.emoji'), ''), m.rev
       FROM events e JOIN messages m ON m.id = e.message WHERE e.conv = ? ORDER BY e.rev`,
      conv,
    )
    history.add({ kind: 'changes', conv, log: changes })
    const gone = all<[string, number]>(
      `SELECT m.user, e.after_seq FROM members m JOIN events e ON e.conv = m.conv AND e.rev = m.left_rev WHERE m.conv = ? AND m.left_rev IS NOT NULL`,
      conv,
    )
    for (const [who, afterSeq] of gone) history.add({ kind: 'left', who, conv, afterSeq })
  }
  db.close()
}
