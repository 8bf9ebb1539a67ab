import { type ConnectionName } from '#client/features/connection/connectionName.ts'
import type { Intents } from '#client/live/client.ts'
import type { Store } from '#client/store/makeStore.ts'
import type { RootState } from '#client/store/reducer.ts'
import { selectConnectionName } from '#client/store/selectors/connection.ts'
import { selectUnsentCount } from '#client/store/selectors/outbox.ts'

/** Version of `window.__tidemark` and of the attributes that outside programs read. */
const CONTRACT_VERSION = 1
const RECORDED_MAX = 500

export type Recorded = { at: number; type: string; payload?: unknown }

/** `window.__tidemark`: what tests and other programs may use. Present under `npm run dev` and `npm run start:test` only. */
export type TestHooks = {
  version: number
  state: () => RootState
  /** Calls on every change; returns its end. */
  subscribe: (listener: (state: RootState) => void) => () => void
  /** Resolves when the connection has this name; rejects after `ms`. */
  waitForState: (name: ConnectionName, ms?: number) => Promise<void>
  /** Resolves when everything written is stored and everything missed is here; rejects after `ms`. */
  idle: (ms?: number) => Promise<void>
  recorder: { export: () => Recorded[] }
  lab: Record<string, never>
}

// an edit of what is read here needs no new page: the hooks go on with what they have
import.meta.hot?.accept()

declare global {
  interface Window {
    __tidemark?: TestHooks
  }
}

export function installTestHooks({ store, intents }: { store: Store; intents: Intents }): void {
  const recorded: Recorded[] = []
  intents.subscribe((action) => {
    recorded.push({ at: Date.now(), type: action.type, ...('payload' in action && { payload: redacted(action.payload) }) })
    if (recorded.length > RECORDED_MAX) recorded.shift()
  })

  const until = (what: string, holds: (state: RootState) => boolean, ms: number): Promise<void> =>
    new Promise((resolve, reject) => {
      let stop = () => {}
      const timer = setTimeout(() => {
        stop()
        reject(new Error(`${what}: not within ${ms} ms; the connection is ${selectConnectionName(store.getState())}`))
      }, ms)
      const look = () => {
        if (!holds(store.getState())) return
        clearTimeout(timer)
        stop()
        resolve()
      }
      stop = store.subscribe(look)
      look()
    })

  window.__tidemark = {
    version: CONTRACT_VERSION,
    state: () => store.getState(),
    subscribe: (listener) => store.subscribe(() => listener(store.getState())),
    waitForState: (name, ms = 5_000) => until(`waitForState(${name})`, (state) => selectConnectionName(state) === name, ms),
    idle: (ms = 5_000) => until('idle', (state) => selectConnectionName(state) === 'live' && selectUnsentCount(state) === 0, ms),
    recorder: { export: () => structuredClone(recorded) },
    lab: {},
  }
}

/** Message texts stay out of what may be exported. */
function redacted(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value ?? null, (key, inner: unknown) =>
      (key === 'body' || key === 'text') && typeof inner === 'string' ? `[${inner.length} characters]` : inner,
    ),
  )
}
