import type { ChatMessage, MessageDraft } from '#protocol/message.ts'
import type { OutboxRow, OutboxState } from './facts.ts'
import type { Moment } from './moments.ts'
import type { StoredOutboxRow } from './storage.ts'

/** A row of the outbox as this tab holds it. */
export type Row = OutboxRow & {
  /** Its place in the storage that all tabs share; null while only this tab has it. */
  n: number | null
  /** Changes made here that the storage has not taken yet: until then a row is what it is here, whatever is read there. */
  unkept: number
  /** When another tab was found to have taken it out of the storage: its message is in the log, which this tab may still have to read. */
  doneAt: Moment | undefined
  /** The person asked for it again after it was refused. */
  isRetried: boolean
  /** Acknowledged, and not in the log where it should be: the server is asked once more. */
  isInQuestion: boolean
  /** When this tab knew that it was. */
  ackedAt: Moment
  /** Since when this tab has it. */
  heldSince: Moment
  /** This tab has asked the server to take it. */
  wasSentHere: boolean
}

export function offered({ conv, clientId, body, sentAt, replyTo }: ChatMessage): Row {
  return { conv, clientId, body, sentAt, ...(replyTo && { replyTo }), again: true, state: { name: 'saving' }, ...FRESH, n: null }
}

export function draftOf({ clientId, body, sentAt, replyTo }: Row): MessageDraft {
  return replyTo === undefined ? { clientId, body, sentAt } : { clientId, body, sentAt, replyTo }
}

export const FRESH = { unkept: 0, doneAt: undefined, isRetried: false, isInQuestion: false, ackedAt: 0, heldSince: 0, wasSentHere: false }
export const asFact = ({
  n: _,
  unkept: __,
  doneAt: ___,
  isRetried: ____,
  isInQuestion: _____,
  ackedAt: ______,
  heldSince: _______,
  wasSentHere: ________,
  ...row
}: Row): OutboxRow => row

/** Of a past that the server may have lost: it goes out before everything that was written since. */
export const isAgain = (row: OutboxRow): boolean => row.again ?? false
export const isDone = (row: Row): boolean => row.doneAt !== undefined
export const isToSend = (row: Row): boolean => !isDone(row) && row.state.name !== 'refused' && (row.state.name !== 'stored' || row.isInQuestion)
export const isUnsent = (state: OutboxState): boolean => state.name === 'queued' || state.name === 'sending'
export const isSame = (row: Row, there: StoredOutboxRow): boolean =>
  row.body === there.body && JSON.stringify(row.state) === JSON.stringify(there.state)

export const inMemory = (state: OutboxState): OutboxState =>
  state.name === 'queued' || state.name === 'sending' ? { ...state, memory: true } : state

/** What a state may follow in the storage, where another tab may have brought the row further. */
export const FOLLOWS: Record<OutboxState['name'], readonly OutboxState['name'][]> = {
  saving: [],
  queued: ['refused'],
  sending: ['queued', 'sending'],
  refused: ['queued', 'sending', 'refused'],
  stored: ['queued', 'sending', 'refused', 'stored'],
}
