import type { ChatMessage } from '#protocol/message.ts'
import type { MessageDraft } from '#protocol/requests.ts'
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
  /** When it was last read there it had gone out: nobody takes it back any more. */
  wasOut: boolean
  /** The person asked for it again after it was refused. */
  isRetried: boolean
  /** It went out, and is not in the log where it should be: the server is asked once more. */
  isInQuestion: boolean
  /** When this tab knew that it was. */
  ackedAt: Moment
  /** Since when this tab has it. */
  heldSince: Moment
  /** This tab has asked the server to take it, and was not told what became of it. */
  isUnanswered: boolean
}

export function offered({ conv, clientId, body, sentAt, replyTo, files }: ChatMessage): Row {
  return {
    conv,
    clientId,
    body,
    sentAt,
    ...(replyTo && { replyTo }),
    ...(files && { files }),
    again: true,
    state: { name: 'saving' },
    ...FRESH,
    n: null,
  }
}

export function draftOf({ clientId, body, sentAt, replyTo, files }: Row): MessageDraft {
  return { clientId, body, sentAt, ...(replyTo && { replyTo }), ...(files && { files: files.map(({ id }) => id) }) }
}

export const FRESH = {
  unkept: 0,
  doneAt: undefined,
  wasOut: false,
  isRetried: false,
  isInQuestion: false,
  ackedAt: 0,
  heldSince: 0,
  isUnanswered: false,
}
/** Without what only this tab knows of it. */
export const asFact = (row: Row): OutboxRow =>
  Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'n' && !(name in FRESH))) as OutboxRow

/** Of a past that the server may have lost: it goes out before everything that was written since. */
export const isAgain = (row: OutboxRow): boolean => row.again ?? false
export const isDone = (row: Row): row is Row & { doneAt: Moment } => row.doneAt !== undefined
export const isToSend = (row: Row): boolean => row.state.name !== 'refused' && (row.isInQuestion || (!isDone(row) && row.state.name !== 'stored'))
/** Nobody but this tab asks the server whether it has it. */
export const isOnlyHere = (row: Row): boolean => (row.n === null && isUnsent(row.state)) || (isDone(row) && row.isInQuestion)
/** It has gone out, and nobody can take it back any more. */
export const isOut = (state: OutboxState): boolean => state.name === 'sending' || state.name === 'stored'
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
