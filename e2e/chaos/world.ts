import { AsyncLocalStorage } from 'node:async_hooks'
import { setMaxListeners } from 'node:events'
import { createRequire } from 'node:module'
import 'fake-indexeddb/auto'
import { IDBFactory } from 'fake-indexeddb'
import { openLocks } from './locks.ts'
import { openPageStorage, type StorageTrouble } from './pageStorage.ts'

/*
 * A browser for the production client, as far as that looks at one. Each profile has its own cookies, localStorage, IndexedDB, Web Locks
 * and channels; the client reads these from the page's globals, which are those of the profile whose tab it was that began what runs.
 */

type Tools = {
  jsdom: { JSDOM: new (html: string, options: { url: string; pretendToBeVisual: boolean }) => { window: Window } }
  ws: { WebSocket: typeof WebSocket }
}
const tools = createRequire(import.meta.url)

/** What pages come from; the server must let it in. */
export const PAGE_ORIGIN = 'http://127.0.0.1:9'

const NodeChannel = BroadcastChannel
const nodeFetch = fetch

type Globals = {
  indexedDB: Pick<IDBFactory, 'open'>
  factory: IDBFactory
  channels: typeof BroadcastChannel
  locks: LockManager
  /** What its window hears. */
  events: EventTarget
}
/** The page on whose behalf something runs, also long after it was begun. */
const page = new AsyncLocalStorage<Globals>()

/** Where a page is called from outside, the name of the database, which is a person's, tells whose profile is meant. */
const factoryOf = new Map<string, IDBFactory>()
const databases = {
  open: (name: string, version?: number) => {
    const current = page.getStore()
    const factory = current?.indexedDB ?? factoryOf.get(name)
    if (!factory) throw new DOMException('no profile has this database', 'NotFoundError')
    if (current) factoryOf.set(name, current.factory)
    return factory.open(name, version)
  },
}

/** Sockets that the page's own WebSocket was asked for; Node's build of Socket.IO would not ask for one. */
export const dialled = { webSockets: 0 }

/** Gives this process the globals of a page. Once, before the client is loaded. */
export function becomeBrowser(unit: () => number): void {
  const { window } = new (tools('jsdom') as Tools['jsdom']).JSDOM('<!doctype html>', { url: PAGE_ORIGIN, pretendToBeVisual: true })
  const { WebSocket } = tools('ws') as Tools['ws']
  class CountedWebSocket extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols)
      dialled.webSockets++
    }
  }
  const { XMLHttpRequest } = window as unknown as typeof globalThis
  // Node's own event targets: jsdom's know only jsdom's signals
  const elsewhere = new EventTarget()
  const events = () => page.getStore()?.events ?? elsewhere
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  setMaxListeners(0, elsewhere, document)
  const give = (name: string, more: PropertyDescriptor) => Object.defineProperty(globalThis, name, { configurable: true, ...more })
  for (const [name, value] of Object.entries({
    window: globalThis,
    self: globalThis,
    document,
    location: window.location,
    XMLHttpRequest,
    WebSocket: CountedWebSocket,
    navigator: Object.defineProperty({ onLine: true, userAgent: 'chaos' }, 'locks', { get: () => page.getStore()?.locks }),
    addEventListener: (...what: Parameters<EventTarget['addEventListener']>) => events().addEventListener(...what),
    removeEventListener: (...what: Parameters<EventTarget['removeEventListener']>) => events().removeEventListener(...what),
  }))
    give(name, { value, writable: true })
  give('indexedDB', { value: databases })
  give('BroadcastChannel', { get: () => page.getStore()?.channels ?? NodeChannel })
  Math.random = unit
}

/** As a page's localStorage and sessionStorage: what is kept are its own keys. */
export class Area {
  getItem(key: string): string | null {
    return (Object.getOwnPropertyDescriptor(this, key)?.value as string | undefined) ?? null
  }
  setItem(key: string, value: string): void {
    Object.defineProperty(this, key, { value, configurable: true, enumerable: true, writable: true })
  }
  removeItem(key: string): void {
    Reflect.deleteProperty(this, key)
  }
}

let profiles = 0

/** Ids of what a database still keeps for sending. */
async function unsentIn(factory: IDBFactory, name: string): Promise<string[]> {
  const answer = <T>(request: IDBRequest<T>) =>
    new Promise<T>((resolve, reject) => {
      request.addEventListener('success', () => resolve(request.result))
      request.addEventListener('error', () => reject(request.error!))
    })
  const db = await answer(factory.open(name))
  try {
    if (!db.objectStoreNames.contains('outbox')) return []
    const [rows, changes] = await Promise.all(
      ['outbox', 'operations'].map((store) => answer(db.transaction(store).objectStore(store).getAll()) as Promise<unknown[]>),
    )
    const waiting = (rows as { clientId: string; state: { name: string } }[]).filter(({ state }) => state.name !== 'refused')
    return [...waiting.map(({ clientId }) => clientId), ...(changes as { operation: { opId: string } }[]).map(({ operation }) => operation.opId)]
  } finally {
    db.close()
  }
}

/**
 * A browser profile whose pages reach the server at `url`. `like`: signed in as that one is, and with nothing else of it. `trouble`: what
 * goes wrong with its storage.
 */
export function openProfile(url: string, like?: { cookie: () => string; local: Area }, trouble?: StorageTrouble) {
  const number = ++profiles
  const local = new Area()
  const locks = openLocks()
  const factory = new IDBFactory()
  let cookie = like?.cookie() ?? ''
  const device = like?.local.getItem('tidemark:device')
  if (device) local.setItem('tidemark:device', device)
  class Channel extends NodeChannel {
    constructor(name: string) {
      super(`${number} ${name}`)
    }
  }
  const withCookies: typeof fetch = async (input, init) => {
    const headers = new Headers(init?.headers)
    if (cookie) headers.set('cookie', cookie)
    const response = await nodeFetch(input, { ...init, headers })
    for (const line of response.headers.getSetCookie()) cookie = line.split(';')[0] ?? ''
    return response
  }

  /** One request over HTTP in this profile's name. Rejects when it is refused or takes too long. */
  async function ask(method: string, path: string, body?: object, token?: string): Promise<unknown> {
    const headers: Record<string, string> = {
      ...(body && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    }
    const response = await withCookies(url + path, {
      method,
      headers,
      signal: AbortSignal.timeout(2_500),
      ...(body && { body: JSON.stringify(body) }),
    })
    const answer: unknown = await response.json()
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`)
    return answer
  }

  let renewals = 0
  const asPage: typeof fetch = (input, init) => {
    if (typeof input === 'string' && input.endsWith('/api/session/refresh')) renewals++
    return withCookies(input, init)
  }

  return {
    url,
    local,
    fetch: asPage,
    /** How often a page asked for a new access token. */
    renewals: () => renewals,
    cookie: () => cookie,
    ask,
    /** A fresh access token of who is signed in here. */
    token: async (): Promise<string> => {
      const answer = (await ask('POST', '/api/session/refresh', { deviceId: local.getItem('tidemark:device') })) as { accessToken: string }
      return answer.accessToken
    },
    /** What its storage still keeps for sending, of this person. */
    unsent: (who: string): Promise<string[]> => unsentIn(factory, `tidemark:${who}`),
    /** A tab's hold on the profile. */
    tab: () => {
      const { manager, close } = locks.tab()
      const storage = trouble && openPageStorage(factory, trouble)
      let isDead = false
      class PageChannel extends Channel {
        override postMessage(message: unknown): void {
          if (!isDead) super.postMessage(message)
        }
      }
      const events = new EventTarget()
      setMaxListeners(0, events)
      const globals: Globals = { indexedDB: storage?.indexedDB ?? factory, factory, channels: PageChannel, locks: manager, events }
      return {
        /** Runs what reads the page's globals. */
        inside: <T>(run: () => T): T => page.run(globals, run),
        close,
        /** Tells the page that somebody wants to go. Does it ask first whether they really do? */
        asks: () => !page.run(globals, () => events.dispatchEvent(new Event('beforeunload', { cancelable: true }))),
        /** Tells the page that it goes. */
        hide: () => void page.run(globals, () => events.dispatchEvent(new Event('pagehide'))),
        /** Nothing that this tab does from now on comes to anything. */
        kill: () => {
          isDead = true
          storage?.kill()
          close()
        },
      }
    },
  }
}
export type Profile = ReturnType<typeof openProfile>
