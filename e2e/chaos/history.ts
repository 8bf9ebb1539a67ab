import { mkdirSync, openSync, closeSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/*
 * The history of one run: JSON lines, one event each, written as it happens by the processes of the run. The checker sees nothing else.
 *
 * `who` is a user id, `tab` one life of one page, `id` the client id of a message, `at` the machine's clock in milliseconds.
 */

/** A row that is in the server's order: seq, client id, status (null on the rows of others); or the marker that something is missing here. */
export type StoredRow = [seq: number, id: string, status: string | null] | 'gap'
/** An own row that is not yet in that order. */
export type OwnRow = [id: string, status: string, seq: number | null]
/** A message as one of the final reads returned it. */
export type ReadRow = [seq: number, id: string, sender: string, body: string]
/** One entry of a conversation's log: rev, kind, message id, operation id, hash of the text, hash of the log up to here. */
export type ChainRow = [rev: number, kind: string, messageId: string, opId: string, bodyHash: string, h: string]

export type ReadSource = 'db' | 'live' | 'cold' | 'http'

export type HistoryEvent = { at: number } & (
  | { kind: 'run'; seed: number; client: 'production' | 'bad'; messages: number; clients: number; faults: number; reads: ReadSource[] }
  | { kind: 'person'; who: string; client: number }
  | { kind: 'conversation'; conv: string; members: string[] }
  | { kind: 'opened'; who: string; tab: string }
  | { kind: 'closed'; who: string; tab: string }
  /** `n` counts what this tab wrote. `poison`: the server must refuse it. */
  | { kind: 'written'; who: string; tab: string; conv: string; id: string; n: number; body: string; poison?: true }
  /** The outbox transaction is complete. */
  | { kind: 'kept'; who: string; tab: string; conv: string; id: string }
  | { kind: 'sending'; who: string; tab: string; conv: string; ids: string[] }
  /** ✓ is shown. */
  | { kind: 'acked'; who: string; tab: string; conv: string; id: string; seq: number }
  | { kind: 'refused'; who: string; tab: string; conv: string; id: string; code: string }
  | { kind: 'cancelled'; who: string; tab: string; conv: string; id: string }
  | {
      kind: 'view'
      who: string
      tab: string
      conv: string
      rows: StoredRow[]
      own: OwnRow[]
      /** Watermarks of each member: delivered, read. */
      marks: Record<string, [number, number]>
      final?: true
    }
  /** An interesting state was reached. */
  | { kind: 'seen'; state: string; times: number }
  /** `client` is missing when it struck all of them. */
  | { kind: 'fault'; name: string; client?: number; ms: number }
  | { kind: 'kill' }
  | { kind: 'healed' }
  | { kind: 'settled'; afterMs: number }
  | { kind: 'unsettled'; who: string; tab: string; says: string; ids: string[] }
  /** `partial`: the start was not reached in time. */
  | { kind: 'read'; source: ReadSource; who: string; conv: string; messages: ReadRow[]; partial?: true }
  | { kind: 'chain'; conv: string; log: ChainRow[] }
  /** Left or was removed after this many messages, and never came back. */
  | { kind: 'left'; who: string; conv: string; afterSeq: number }
)

export type EventOf<K extends HistoryEvent['kind']> = Extract<HistoryEvent, { kind: K }>
type Untimed<E> = E extends { at: number } ? Omit<E, 'at'> : never

export type History = { add: (event: Untimed<HistoryEvent>) => void; close: () => void }

/** Appends to a file that other processes may append to as well: whole lines, in one write each. */
export function openHistory(file: string): History {
  mkdirSync(dirname(file), { recursive: true })
  const to = openSync(file, 'a')
  return {
    add: (event) => void writeSync(to, `${JSON.stringify({ at: Date.now(), ...event })}\n`),
    close: () => closeSync(to),
  }
}

/** Throws on a line that is no JSON: a history that can't be read proves nothing. */
export function readHistory(file: string): HistoryEvent[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as HistoryEvent)
}
