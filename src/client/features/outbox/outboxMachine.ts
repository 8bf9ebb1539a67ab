import type { OutboxState } from '#client/live/facts.ts'
import type { RefusalCode } from '#protocol/codes.ts'
import type { MessageId } from '#protocol/ids.ts'

/** What can happen to an own message that is not yet in the timeline. */
export type OutboxEvent =
  | { name: 'saved' }
  | { name: 'keptInMemory' }
  | { name: 'sendStarted'; at: number }
  | { name: 'stored'; id: MessageId; seq: number; at: number }
  | { name: 'refused'; code: RefusalCode }
  | { name: 'retried' }

type Of<N extends OutboxState['name']> = Extract<OutboxState, { name: N }>
type On<N extends OutboxEvent['name']> = Extract<OutboxEvent, { name: N }>
type Table = { [S in OutboxState['name']]: { [E in OutboxEvent['name']]: (state: Of<S>, event: On<E>) => OutboxState } }

const same = (state: OutboxState): OutboxState => state
const queued = (): OutboxState => ({ name: 'queued', memory: false })
const inMemory = (): OutboxState => ({ name: 'queued', memory: true })
const sending = (_: OutboxState, event: On<'sendStarted'>): OutboxState => ({ name: 'sending', since: event.at, memory: false })
const stored = (_: OutboxState, event: On<'stored'>): OutboxState => ({ ...event })
const refused = (_: OutboxState, event: On<'refused'>): OutboxState => ({ ...event })

/**
 * The whole machine. It only goes forward, saving → queued → sending → stored, except for the one step back the person asks for:
 * refused → queued. A lost line or a missing answer changes nothing: `sending` means "may or may not have arrived" until it is known.
 *
 * | state \ event | saved            | keptInMemory   | sendStarted      | stored | refused | retried |
 * |---------------|------------------|----------------|------------------|--------|---------|---------|
 * | saving        | queued           | queued(memory) | sending          | stored | refused | –       |
 * | queued        | queued           | queued(memory) | sending          | stored | refused | –       |
 * | sending       | sending (safe)   | –              | – (first `since`) | stored | refused | –       |
 * | stored        | –                | –              | –                | –      | –       | –       |
 * | refused       | –                | –              | sending          | stored | refused | queued  |
 *
 * A row leaves the outbox from any state when its message is seen in the log, or when it was discarded.
 */
const TABLE: Table = {
  saving: { saved: queued, keptInMemory: inMemory, sendStarted: sending, stored, refused, retried: same },
  queued: {
    saved: queued,
    keptInMemory: inMemory,
    sendStarted: (state, event) => ({ name: 'sending', since: event.at, memory: state.memory }),
    stored,
    refused,
    retried: same,
  },
  sending: {
    saved: (state) => ({ ...state, memory: false }),
    keptInMemory: same,
    sendStarted: same,
    stored,
    refused,
    retried: same,
  },
  stored: { saved: same, keptInMemory: same, sendStarted: same, stored: same, refused: same, retried: same },
  refused: { saved: same, keptInMemory: same, sendStarted: sending, stored, refused, retried: queued },
}

/** The state after an event; every pair is defined. */
export function stateAfter(state: OutboxState, event: OutboxEvent): OutboxState {
  const transition = TABLE[state.name][event.name] as (state: OutboxState, event: OutboxEvent) => OutboxState
  return transition(state, event)
}

/** Only a row that has never been sent may change its text. */
export const isEditable = (state: OutboxState): boolean => state.name === 'saving' || state.name === 'queued'
