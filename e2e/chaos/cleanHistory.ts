import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { check } from './checker.ts'
import type { ChainRow, EventOf, HistoryEvent, ReadRow, ReadSource, StoredRow } from './history.ts'

/* A small history in which everything goes well, and ways to spoil it. */

export type Event = HistoryEvent extends infer E ? (E extends HistoryEvent ? Omit<E, 'at'> : never) : never

export const LOG: ReadRow[] = [
  [1, 'a1', 'ann', 'first'],
  [2, 'b1', 'ben', 'second'],
  [3, 'a2', 'ann', 'third'],
]
export const wrote = (id: string, who: string, n: number, body: string, more: Partial<EventOf<'written'>> = {}): Event => ({
  kind: 'written',
  who,
  tab: `${who}.1`,
  conv: 'c',
  id,
  n,
  body,
  ...more,
})
export const kept = (id: string, who: string): Event => ({ kind: 'kept', who, tab: `${who}.1`, conv: 'c', id })
export const acked = (id: string, who: string, seq: number): Event => ({ kind: 'acked', who, tab: `${who}.1`, conv: 'c', id, seq })
export const shown = (who: string, rows: StoredRow[], more: Partial<EventOf<'view'>> = {}): Event => ({
  kind: 'view',
  who,
  tab: `${who}.1`,
  conv: 'c',
  rows,
  own: [],
  marks: {},
  ...more,
})
/** A page goes: in order, unless it is said how. */
export const gone = (tab: string, how: Partial<EventOf<'closed'>> = {}): Event => ({ kind: 'closed', who: tab.split('.')[0]!, tab, ...how })
export const read = (source: ReadSource, messages: ReadRow[] = LOG, tab?: string): Event => ({
  kind: 'read',
  source,
  who: tab?.split('.')[0] ?? 'ann',
  conv: 'c',
  messages,
  ...(tab !== undefined && { tab }),
})

/** A log of new messages, with the texts of the clean one, and with the hashes that are due. */
export function chained(ids: string[]): ChainRow[] {
  let h = '0000000000000000'
  return ids.map((id, at) => {
    const text = createHash('sha256')
      .update(LOG[at]?.[3] ?? id)
      .digest('hex')
    h = createHash('sha256').update(Buffer.from(h, 'hex')).update(`new|${id}||${text}`).digest('hex').slice(0, 16)
    return [at + 1, 'new', id, '', text, h]
  })
}

export const rowsFor = (who: string): StoredRow[] => LOG.map(([seq, id, sender]) => [seq, id, sender === who ? 'sent' : null])

/** Ann writes two messages and Ben one; everything goes well. */
export const CLEAN: Event[] = [
  { kind: 'run', seed: 1, client: 'production', messages: 3, clients: 2, faults: 0, reads: ['db', 'http', 'live', 'cold'] },
  { kind: 'conversation', conv: 'c', members: ['ann', 'ben'] },
  { kind: 'opened', who: 'ann', tab: 'ann.1' },
  { kind: 'opened', who: 'ben', tab: 'ben.1' },
  wrote('a1', 'ann', 1, 'first'),
  kept('a1', 'ann'),
  wrote('b1', 'ben', 1, 'second'),
  kept('b1', 'ben'),
  wrote('a2', 'ann', 2, 'third'),
  kept('a2', 'ann'),
  acked('a1', 'ann', 1),
  acked('b1', 'ben', 2),
  acked('a2', 'ann', 3),
  shown('ann', rowsFor('ann'), { final: true, marks: { ben: [3, 2] } }),
  shown('ben', rowsFor('ben'), { final: true }),
  { kind: 'settled', afterMs: 10 },
  read('http'),
  read('live', LOG, 'ann.1'),
  read('live', LOG, 'ben.1'),
  read('cold'),
  read('db'),
  { kind: 'chain', conv: 'c', log: chained(['m1', 'm2', 'm3']) },
]

/** What the checker says to these events. */
export const judged = (events: Event[]) => check(events.map((event, at): HistoryEvent => ({ at, ...event })))
/** The clean history with more in it, before what is shown at the end. */
export const withMore = (...more: Event[]) => judged([...CLEAN.slice(0, 13), ...more, ...CLEAN.slice(13)])
/** The clean history after `change`, which leaves an event out by answering nothing. */
export const changed = (change: (event: Event) => Event | undefined) => judged(CLEAN.flatMap((event) => change(event) ?? []))
/** The clean history with another log on the disk and in every read. */
export const withLog = (log: ReadRow[], ...more: Event[]) =>
  judged([...CLEAN.map((event) => (event.kind === 'read' ? { ...event, messages: log } : event)), ...more])

/** A violation as it is expected. */
export const named = (invariant: string, counts: string, ...ids: string[]): unknown => expect.objectContaining({ invariant, counts, ids })
