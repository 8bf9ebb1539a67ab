import type { History } from './history.ts'
import type { Intents, Message, OutboxRow } from './product.ts'

/** How often each interesting state was reached. */
export type Counters = { saw: (state: string, times?: number) => void; all: () => Map<string, number> }

export function openCounters(): Counters {
  const counts = new Map<string, number>()
  return { saw: (state, times = 1) => void counts.set(state, (counts.get(state) ?? 0) + times), all: () => counts }
}

/** The facts that are listened to, and what is read of them. */
type Facts = {
  outboxLoaded: { rows: OutboxRow[] }
  messageSaved: { conv: string; clientId: string }
  messageKeptInMemory: { conv: string; clientId: string }
  sendStarted: { conv: string; clientIds: string[] }
  messageStored: { conv: string; clientId: string; seq: number }
  sendRefused: { conv: string; clientId: string; code: string }
  sendDelayed: { code: string }
  messagesArrived: { conv: string; events: { kind: string; message?: Message }[]; caughtUp: boolean }
  conversationReset: { conv: string; messages: Message[]; fromCache: boolean }
  historyArrived: { conv: string; messages: Message[] }
  operationApplied: { conv: string; opId: string; rev: number }
  operationRefused: { conv: string; operation: { opId: string; target: { clientId: string } }; code: string }
  catchUpStarted: { hello: { transport: string; isReconnection: boolean } }
  lineMeasured: { transport: string | null }
  restartAnnounced: object
  storageLost: { reason: string }
  connectionRefused: { code: string }
  sessionEnded: { code: string }
}

const DELAYS: Record<string, string> = {
  E_RATE: 'rate limit',
  E_STORAGE: 'disk full answered',
  E_BUSY: 'busy answered',
  E_INTERNAL: 'server error answered',
}

/** Which tab of a person sent last. */
const senders = new Map<string, string>()

/** Writes down what the facts of one tab say about own messages, and counts the interesting states they tell of, until it is stopped. */
export function tabEars({
  intents,
  history,
  counters,
  who,
  tab,
}: {
  intents: Intents
  history: History
  counters: Counters
  who: string
  tab: string
}): () => void {
  const kept = new Set<string>()
  const acked = new Set<string>()
  const refused = new Map<string, string>()
  const isReset = new Set<string>()
  /** Conversations of which this page has heard anything. */
  const begun = new Set<string>()
  let transport: string | null = null

  function keep(conv: string, id: string): void {
    if (kept.has(id)) return
    kept.add(id)
    history.add({ kind: 'kept', who, tab, conv, id })
  }
  function ack(conv: string, id: string, seq: number): void {
    if (acked.has(id)) return
    acked.add(id)
    history.add({ kind: 'acked', who, tab, conv, id, seq })
  }
  function refuse(conv: string, id: string, code: string): void {
    if (refused.get(id) === code) return
    refused.set(id, code)
    history.add({ kind: 'refused', who, tab, conv, id, code })
  }
  function begin(conv: string, [first]: readonly Message[]): void {
    begun.add(conv)
    if (first) history.add({ kind: 'page', who, tab, conv, from: first.seq })
  }
  const see = (messages: readonly Message[]): void => {
    for (const { conv, sender, clientId, seq } of messages) if (sender === who) ack(conv, clientId, seq)
  }
  function over(next: string | null): void {
    if (next === 'polling' && transport !== 'polling') counters.saw('polling used')
    if (next === 'websocket' && transport === 'polling') counters.saw('back to websocket')
    if (next !== null) transport = next
  }

  const hear: { [F in keyof Facts]: (fact: Facts[F]) => void } = {
    outboxLoaded: ({ rows }) => {
      for (const { conv, clientId, state } of rows) {
        if (state.name === 'saving' || state.memory === true) continue
        keep(conv, clientId)
        if (state.name === 'stored' && state.seq !== undefined) ack(conv, clientId, state.seq)
        // refused in a page that is gone
        if (state.name === 'refused') refuse(conv, clientId, state.code ?? 'nothing')
      }
    },
    messageSaved: ({ conv, clientId }) => keep(conv, clientId),
    messageKeptInMemory: () => counters.saw('kept in memory only'),
    sendStarted: ({ conv, clientIds }) => {
      history.add({ kind: 'sending', who, tab, conv, ids: clientIds })
      const last = senders.get(who)
      if (last !== undefined && last !== tab) counters.saw('tab takeover')
      senders.set(who, tab)
    },
    messageStored: ({ conv, clientId, seq }) => ack(conv, clientId, seq),
    sendRefused: ({ conv, clientId, code }) => refuse(conv, clientId, code),
    sendDelayed: ({ code }) => counters.saw(DELAYS[code] ?? code),
    messagesArrived: ({ conv, events, caughtUp }) => {
      const fresh = events.flatMap(({ message }) => (message ? [message] : []))
      if (caughtUp && fresh.length > 0) counters.saw('gap pulled')
      if (fresh.length > 0 && !begun.has(conv)) begin(conv, fresh)
      see(fresh)
    },
    conversationReset: ({ conv, messages, fromCache }) => {
      if (!fromCache) {
        counters.saw(isReset.has(conv) ? 'reset again' : 'reset')
        isReset.add(conv)
      }
      begin(conv, messages)
      see(messages)
    },
    historyArrived: ({ conv, messages }) => {
      begin(conv, messages)
      see(messages)
    },
    operationApplied: ({ conv, opId, rev }) => {
      counters.saw('change made')
      history.add({ kind: 'applied', who, tab, conv, op: opId, rev })
    },
    operationRefused: ({ conv, operation, code }) => {
      counters.saw(`change refused ${code}`)
      history.add({ kind: 'declined', who, tab, conv, id: operation.target.clientId, op: operation.opId, code })
    },
    catchUpStarted: ({ hello }) => {
      if (hello.isReconnection) counters.saw('reconnected')
      over(hello.transport)
    },
    lineMeasured: (fact) => over(fact.transport),
    restartAnnounced: () => counters.saw('farewell heard'),
    storageLost: ({ reason }) => counters.saw(`storage ${reason}`),
    connectionRefused: ({ code }) => counters.saw(`refused ${code}`),
    sessionEnded: ({ code }) => counters.saw(`session ended ${code}`),
  }
  const isHeard = (type: string): type is keyof Facts => Object.hasOwn(hear, type)
  return intents.subscribe(({ type, payload }) => {
    if (isHeard(type)) (hear[type] as (fact: unknown) => void)(payload)
  })
}
