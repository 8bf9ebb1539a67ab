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
/** A message as one of the final reads returned it. `state`: what `messageState` says of it. */
export type ReadRow = [seq: number, id: string, sender: string, body: string, state?: string]
/** One entry of a conversation's log: rev, kind, message id, operation id, hash of the text (empty: it is not kept), hash of the log up to here. */
export type ChainRow = [rev: number, kind: string, messageId: string, opId: string, bodyHash: string, h: string]
/** A change to a message as it stands in the log: `id` is the client id of the message, `messageRev` the message's own rev. */
export type ChangeRow = [rev: number, kind: string, id: string, op: string, actor: string, emoji: string, messageRev: number]
export type ChangeKind = 'edit' | 'delete' | 'react' | 'unreact'

export type ReadSource = 'db' | 'live' | 'cold' | 'http'

export type HistoryEvent = { at: number } & (
  | { kind: 'run'; seed: number; client: 'production' | 'bad'; messages: number; clients: number; faults: number; reads: ReadSource[] }
  | { kind: 'person'; who: string; client: number }
  | { kind: 'conversation'; conv: string; members: string[] }
  | { kind: 'opened'; who: string; tab: string }
  /**
   * `killed`: it went in the middle of whatever it did. `asked`: it asked whether what nobody else keeps may be lost, was left all the same,
   * and left its words to the next page. Neither: it held nothing that was kept nowhere.
   */
  | { kind: 'closed'; who: string; tab: string; killed?: true; asked?: true }
  /** `n` counts what this tab wrote. `poison`: the server must refuse it. */
  | { kind: 'written'; who: string; tab: string; conv: string; id: string; n: number; body: string; poison?: true }
  /** The outbox transaction is complete. */
  | { kind: 'kept'; who: string; tab: string; conv: string; id: string }
  | { kind: 'sending'; who: string; tab: string; conv: string; ids: string[] }
  /** ✓ is shown. */
  | { kind: 'acked'; who: string; tab: string; conv: string; id: string; seq: number }
  | { kind: 'refused'; who: string; tab: string; conv: string; id: string; code: string }
  | { kind: 'cancelled'; who: string; tab: string; conv: string; id: string }
  /** After a message was taken back, the page says that it holds nothing that is kept nowhere. */
  | { kind: 'cancelKept'; tab: string; id: string }
  /** A stretch of the log came, and begins here: what lies before it may be missing. */
  | { kind: 'page'; who: string; tab: string; conv: string; from: number }
  /** A change to the message `id` is asked for, under the name `op`. */
  | { kind: 'asked'; who: string; tab: string; conv: string; id: string; op: string; what: ChangeKind; body?: string; emoji?: string }
  /** The page says that it holds nothing that is kept nowhere. */
  | { kind: 'changeKept'; tab: string; op: string }
  /** It is made, and stands at `rev`; or everything was as it was asked for already, when the message had changed last at `rev`. */
  | { kind: 'applied'; who: string; tab: string; conv: string; op: string; rev: number }
  | { kind: 'declined'; who: string; tab: string; conv: string; id: string; op: string; code: string }
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
  | { kind: 'read'; source: ReadSource; who: string; tab?: string; conv: string; messages: ReadRow[]; partial?: true }
  | { kind: 'chain'; conv: string; log: ChainRow[] }
  | { kind: 'changes'; conv: string; log: ChangeRow[] }
  /** Somebody is about to be removed. */
  | { kind: 'removing'; who: string; conv: string }
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

type Changed = {
  editedAt?: number | null | undefined
  deletedAt?: number | null | undefined
  reactions?: Record<string, readonly string[]> | null | undefined
}

/** What was done to a message, in one form wherever it was read: `edited` or `deleted` or nothing, then `;emoji:who,who` for each reaction. */
export function messageState({ editedAt, deletedAt, reactions }: Changed): string {
  if (deletedAt !== undefined && deletedAt !== null) return 'deleted'
  const parts = Object.entries(reactions ?? {}).map(([emoji, users]) => `;${emoji}:${[...users].sort().join(',')}`)
  return [editedAt !== undefined && editedAt !== null ? 'edited' : '', ...parts.sort()].join('')
}

/** Who reacted with what, as `messageState` told it. */
export const reactionsIn = (state: string): { emoji: string; who: string }[] =>
  state
    .split(';')
    .slice(1)
    .flatMap((part) => {
      const at = part.lastIndexOf(':')
      return part
        .slice(at + 1)
        .split(',')
        .map((who) => ({ emoji: part.slice(0, at), who }))
    })
