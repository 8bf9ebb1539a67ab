import { messageState, type ChangeKind, type History, type OwnRow, type ReadRow, type StoredRow } from './history.ts'
import { uuidv7 } from './ids.ts'
import type { Product, Row } from './product.ts'
import { tabEars, type Counters } from './tabEars.ts'
import type { Area, Profile } from './world.ts'

/** One page of one person, from its opening to its closing. */
export type Tab = ReturnType<typeof openTab>

export type TabParts = {
  product: Product
  profile: Profile
  history: History
  counters: Counters
  timing: Record<string, number>
  name: string
  session: Area
}

/**
 * How a page goes. `close`: unless it asks whether what nobody else keeps may be lost. `leave`: also when it asks. `kill`: in the middle of
 * whatever it does; it is told nothing, and keeps nothing more.
 */
export type Way = 'close' | 'leave' | 'kill'

/** A message on a page, as far as one may want to change it. */
export type Target = { id: string; sender: string; isMine: boolean; reacted: readonly string[] }

/** Opens a page of the production client. It signs in as a guest called `guest` where nobody is signed in. */
export function openTab({ product, profile, history, counters, timing, name, session }: TabParts) {
  const { facts } = product
  const { store, intents } = product.makeStore()
  const hold = profile.tab()
  const client = hold.inside(() =>
    product.createClient(
      { dispatch: store.dispatch, intents },
      { origin: profile.url, fetch: profile.fetch, memory: { local: profile.local, session }, timing },
    ),
  )
  const rowsOf = new Map<string, ReturnType<Product['makeSelectRows']>>()
  const lastShown = new Map<string, { rows: readonly Row[]; marks: unknown }>()
  let opened: string | undefined
  let written = 0
  let close = () => {}
  let deafen = () => {}
  let isClosed = false
  /** A page whose storage never opened goes on in memory, and nothing of it is kept. */
  let hasStorage = true
  intents.subscribe(({ type, payload }) => {
    if (type === 'storageLost' && ['missing', 'blocked'].includes((payload as { reason: string }).reason)) hasStorage = false
  })
  const me = () => store.getState().session.user
  const whoami = () => me()?.id ?? ''

  const held = (conv: string) => store.getState().messages.byConv[conv]?.messages ?? []
  const rows = (conv: string): readonly Row[] => {
    let select = rowsOf.get(conv)
    if (!select) rowsOf.set(conv, (select = product.makeSelectRows()))
    return select(store.getState(), conv)
  }

  function look(conv: string): void {
    if (opened === conv) return
    if (opened !== undefined) store.dispatch(facts.conversationClosed({ conv: opened }))
    opened = conv
    store.dispatch(facts.conversationOpened({ conv }))
  }

  /** Writes down what is on screen in one conversation, unless it is what was on screen before. */
  function show(conv: string, final = false): void {
    const state = store.getState()
    const shown = rows(conv)
    const marks = state.receipts.byConv[conv] ?? {}
    const last = lastShown.get(conv)
    if (!state.conversations.byId[conv] || (!final && last?.rows === shown && last.marks === marks)) return
    lastShown.set(conv, { rows: shown, marks })
    // what is offered once more waits in the outbox and stands in its place all the same
    const placed = new Set(held(conv).flatMap((message) => (message.sender === whoami() ? [message.clientId] : [])))
    const unsettled = new Set((state.outbox.byConv[conv] ?? []).map((row) => row.clientId).filter((id) => !placed.has(id)))
    const stored: StoredRow[] = []
    const own: OwnRow[] = []
    for (const row of shown) {
      if (row.kind === 'gap') {
        stored.push('gap')
        counters.saw('hole shown')
      } else if (row.kind !== 'message') continue
      else if (row.status !== null && unsettled.has(row.clientId)) own.push([row.clientId, row.status, row.seq])
      else stored.push([row.seq ?? 0, row.clientId, row.status])
    }
    const watermarks = Object.fromEntries(Object.entries(marks).map(([user, { delivered, read }]) => [user, [delivered, read] as [number, number]]))
    history.add({ kind: 'view', who: whoami(), tab: name, conv, rows: stored, own, marks: watermarks, ...(final && { final: true as const }) })
  }

  /** A page that holds what is kept nowhere asks first; where it is left all the same, or is killed, nothing more of it comes to anything. */
  function end(how: Way): boolean {
    if (isClosed) return true
    const isAsked = how !== 'kill' && hold.asks()
    if (isAsked && how === 'close') return false
    if (isAsked) counters.saw('left when it asked')
    isClosed = true
    history.add({ kind: 'closed', who: whoami(), tab: name, ...(how === 'kill' && { killed: true }), ...(isAsked && { asked: true }) })
    if (how !== 'kill') hold.hide()
    if (how === 'kill' || isAsked) {
      deafen()
      hold.kill()
    }
    hold.inside(close)
    hold.close()
    return true
  }

  /** Unless it is not kept yet: then nothing is said of it. */
  function whenKept(say: () => void): void {
    // a page that is gone says yes to everything
    void client.isKept().then(
      (isKept) => isKept && !isClosed && say(),
      () => {},
    )
  }

  return {
    name,
    store,
    session,
    rows,
    look,
    show,
    opened: () => opened,
    whoami,
    isMember: (conv: string) => store.getState().conversations.byId[conv] !== undefined,
    connection: () => product.selectConnectionName(store.getState()),
    /** Own messages that are neither with the server nor refused. */
    unsent: () => Object.values(store.getState().outbox.byConv).flatMap((held) => (held ?? []).filter((row) => row.state.name !== 'refused')),
    /** Resolves when somebody is signed in and the live tie is open. */
    start: async (guest: string): Promise<void> => {
      await client.resume()
      while (!me() && !isClosed) await client.enter('guest', { name: guest })
      if (isClosed) return
      deafen = tabEars({ intents, history, counters, who: whoami(), tab: name })
      history.add({ kind: 'opened', who: whoami(), tab: name })
      close = hold.inside(() => client.open(me()!))
    },
    /** Answers false where it asked first and stays therefore. */
    end,
    /** Everything asked for here is with the server, or in the browser's storage where there is one. */
    isKept: async () => !hasStorage || (await client.isKept()),
    write: (conv: string, message: { id: string; body: string; poison: boolean }): void => {
      const { id, body, poison } = message
      // a text that is too long is told by its beginning: all begin differently
      const told = poison ? body.slice(0, 40) : body
      history.add({ kind: 'written', who: whoami(), tab: name, conv, id, n: ++written, body: told, ...(poison && { poison: true as const }) })
      store.dispatch(facts.messageWritten({ conv, clientId: id, body, sentAt: Date.now() }))
    },
    discard: (conv: string, id: string): void => {
      history.add({ kind: 'cancelled', who: whoami(), tab: name, conv, id })
      store.dispatch(facts.discardRequested({ conv, clientId: id }))
      whenKept(() => history.add({ kind: 'cancelKept', tab: name, id }))
    },
    /** The newest messages here, and own ones that wait. */
    targets: (conv: string): Target[] => {
      const me = whoami()
      const stored = held(conv)
        .slice(-30)
        .filter(({ deletedAt }) => deletedAt === undefined)
      const waiting = (store.getState().outbox.byConv[conv] ?? []).filter(({ state }) => state.name !== 'refused')
      return [
        ...stored.map(({ clientId, sender, reactions = {} }) => ({
          id: clientId,
          sender,
          isMine: sender === me,
          reacted: Object.keys(reactions).filter((emoji) => reactions[emoji]?.includes(me)),
        })),
        ...waiting.map(({ clientId }) => ({ id: clientId, sender: me, isMine: true, reacted: [] })),
      ]
    },
    change: (conv: string, { id, sender }: Pick<Target, 'id' | 'sender'>, what: ChangeKind, more: { body?: string; emoji?: string }): void => {
      const op = uuidv7()
      history.add({ kind: 'asked', who: whoami(), tab: name, conv, id, op, what, ...more })
      store.dispatch(facts.operationRequested({ conv, operation: { kind: what, opId: op, target: { clientId: id, sender }, ...more } }))
      whenKept(() => history.add({ kind: 'changeKept', tab: name, op }))
    },
    read: (conv: string): void => {
      const seq = store.getState().messages.byConv[conv]?.messages.at(-1)?.seq
      if (seq !== undefined) store.dispatch(facts.readThrough({ conv, seq }))
    },
    older: (conv: string): void => {
      const first = store.getState().messages.byConv[conv]?.messages[0]?.seq
      if (first !== undefined && first > 1) store.dispatch(facts.historyRequested({ conv, beforeSeq: first }))
    },
    /** The page of history that was asked for did not come; whoever reads is offered to ask again. */
    isUnavailable: (conv: string): boolean => store.getState().messages.fetches[conv]?.name === 'unavailable',
    /** Asks for what is missing below a row, as whoever scrolls there does. */
    fillHole: (conv: string): void => {
      const seqs = held(conv).map(({ seq }) => seq)
      const beforeSeq = seqs.findLast((seq, at) => at > 0 && seqs[at - 1] !== seq - 1)
      if (beforeSeq !== undefined) store.dispatch(facts.historyRequested({ conv, beforeSeq }))
    },
    hasHole: (conv: string): boolean => held(conv).some(({ seq }, at, all) => at > 0 && all[at - 1]!.seq !== seq - 1),
    retryNow: () => void store.dispatch(facts.retryNowRequested()),
    /** Every message held, as in the server's order. */
    held: (conv: string): ReadRow[] =>
      held(conv).map((message) => [message.seq, message.clientId, message.sender, message.body, messageState(message)]),
  }
}
