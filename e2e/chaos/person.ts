import type { History, OwnRow, ReadRow, StoredRow } from './history.ts'
import type { Product, Row } from './product.ts'
import { tabEars, type Counters } from './tabEars.ts'
import { newArea, openProfile, type Area, type Profile } from './world.ts'

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
  let isClosed = false
  const me = () => store.getState().session.user
  const whoami = () => me()?.id ?? ''

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
    const unsettled = new Set((state.outbox.byConv[conv] ?? []).map((row) => row.clientId))
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
      while (!me() && !isClosed) await client.continueAsGuest(guest)
      if (isClosed) return
      tabEars({ intents, history, counters, who: whoami(), tab: name })
      history.add({ kind: 'opened', who: whoami(), tab: name })
      close = hold.inside(() => client.open(me()!))
    },
    close: () => {
      if (isClosed) return
      isClosed = true
      history.add({ kind: 'closed', who: whoami(), tab: name })
      close()
      hold.close()
    },
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
    },
    read: (conv: string): void => {
      const seq = store.getState().messages.byConv[conv]?.messages.at(-1)?.seq
      if (seq !== undefined) store.dispatch(facts.readThrough({ conv, seq }))
    },
    older: (conv: string): void => {
      const first = store.getState().messages.byConv[conv]?.messages[0]?.seq
      if (first !== undefined && first > 1) store.dispatch(facts.historyRequested({ conv, beforeSeq: first }))
    },
    retryNow: () => void store.dispatch(facts.retryNowRequested()),
    /** Every message held, as in the server's order. */
    held: (conv: string): ReadRow[] =>
      (store.getState().messages.byConv[conv]?.messages ?? []).map(({ seq, clientId, sender, body }) => [seq, clientId, sender, body]),
  }
}

/** A person: one browser profile on one line, with a place for each of their tabs. */
export function openPerson(parts: Omit<TabParts, 'profile' | 'name' | 'session'> & { url: string; index: number; tabs: number }) {
  const { url, index } = parts
  const profile = openProfile(url)
  const places: { tab: Tab | undefined; session: Area; life: number; looksAt: string }[] = Array.from({ length: parts.tabs }, () => ({
    tab: undefined,
    session: newArea(),
    life: 0,
    looksAt: 'lobby',
  }))

  async function open(place: number, afresh = false): Promise<void> {
    const at = places[place]!
    if (at.tab) return
    if (afresh) at.session = newArea()
    at.life++
    const tab = openTab({ ...parts, profile, name: `${index}.${place}.${at.life}`, session: at.session })
    at.tab = tab
    await tab.start(`Person ${index}`)
    tab.look(at.looksAt)
  }

  return {
    index,
    profile,
    open,
    openAll: async (): Promise<void> => {
      for (const place of places.keys()) await open(place)
    },
    close: (place: number): void => {
      const at = places[place]!
      at.looksAt = at.tab?.opened() ?? at.looksAt
      at.tab?.close()
      at.tab = undefined
    },
    tab: (place: number) => places[place]?.tab,
    tabs: () => places.flatMap(({ tab }) => (tab ? [tab] : [])),
    places: () => places.length,
    whoami: () => places.find(({ tab }) => tab)?.tab?.whoami() ?? '',
  }
}
export type Person = ReturnType<typeof openPerson>
