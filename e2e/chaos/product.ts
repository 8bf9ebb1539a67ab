/*
 * What is used of the production client, in words of our own: the run drives the built client as it drives the built server, and knows
 * neither's code. Where these words are wrong, the run finds nothing to drive.
 */

export type Action = { type: string; payload?: unknown }

export type OutboxRow = { clientId: string; conv: string; body: string; state: { name: string; memory?: boolean; seq?: number; code?: string } }

export type Message = {
  id: string
  clientId: string
  conv: string
  seq: number
  sender: string
  body: string
  editedAt?: number
  deletedAt?: number
  reactions?: Record<string, string[]>
}

export type State = {
  session: { name: string; user?: { id: string; name: string } }
  conversations: { byId: Record<string, { facts: { id: string } } | undefined> }
  messages: {
    byConv: Record<string, { messages: readonly Message[]; start: boolean; through: { seq: number } | null } | undefined>
    fetches: Record<string, { name: string } | undefined>
  }
  outbox: { byConv: Record<string, readonly OutboxRow[] | undefined> }
  receipts: { byConv: Record<string, Record<string, { delivered: number; read: number }> | undefined> }
}

export type Row = { kind: string; clientId: string; seq: number | null; status: string | null }

export type Store = { getState: () => State; dispatch: (action: Action) => unknown; subscribe: (listener: () => void) => () => void }
export type Intents = { subscribe: (listener: (action: Action) => void) => () => void }

type Area = { getItem: (key: string) => string | null; setItem: (key: string, value: string) => void; removeItem: (key: string) => void }

export type Client = {
  resume: () => Promise<void>
  enter: (way: 'guest', given: { name: string }) => Promise<{ ok: boolean; code?: string }>
  open: (me: { id: string; name: string }) => () => void
  /** Does the browser keep everything that this page has not brought to the server? */
  isKept: () => Promise<boolean>
}

export type Product = {
  createClient: (
    parts: { dispatch: Store['dispatch']; intents: Intents },
    options: { origin: string; fetch: typeof fetch; memory: { local: Area; session: Area }; timing: Record<string, number> },
  ) => Client
  makeStore: () => { store: Store; intents: Intents }
  makeSelectRows: () => (state: State, conv: string) => readonly Row[]
  selectConnectionName: (state: State) => string
  timing: Record<string, number>
  facts: Record<
    | 'messageWritten'
    | 'discardRequested'
    | 'operationRequested'
    | 'conversationOpened'
    | 'conversationClosed'
    | 'historyRequested'
    | 'readThrough'
    | 'retryNowRequested',
    (payload?: object) => Action
  >
}
