import type { ConversationId } from '#protocol/ids.ts'
import { LOBBY, uuidv7, type ClientId } from '#protocol/ids.ts'
import { createClient } from '#client/live/createClient.ts'
import { conversationOpened, messageWritten, type OutboxRow } from '#client/live/facts.ts'
import { TIMING, type Timing } from '#client/live/timing.ts'
import { makeStore } from '#client/store/makeStore.ts'
import type { Memory } from '#client/live/browserPorts.ts'

function memoryArea() {
  const held = new Map<string, string>()
  return {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
  }
}

/** One browser profile: its cookies and its localStorage. Tabs opened in it are one device. */
export function openBrowser(server: { url: string }) {
  let cookie = ''
  const local = memoryArea()
  const requests: string[] = []
  const withCookies: typeof fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    requests.push(`${init?.method ?? 'GET'} ${new URL(url).pathname}`)
    const headers = new Headers(init?.headers)
    if (cookie) headers.set('cookie', cookie)
    // jsdom's signal is not one to Node's fetch
    const response = await nodeFetch(url, { ...init, headers, signal: null })
    for (const line of response.headers.getSetCookie()) cookie = line.split(';')[0] ?? ''
    return response
  }
  return {
    requests,
    cookie: () => cookie,
    loseCookie: () => {
      cookie = ''
    },
    /** A tab that is not yet signed in. `timing` shortens what a test would wait for. */
    tab: (timing: Partial<Timing> = {}, session = memoryArea()) => {
      const memory: Memory = { local, session }
      const { store, intents } = makeStore()
      const client = createClient(
        { dispatch: store.dispatch, intents },
        { origin: server.url, fetch: withCookies, memory, timing: { ...TIMING, ...timing } },
      )
      let close = () => {}
      const me = () => {
        const { session: who } = store.getState()
        if (who.name !== 'signedIn') throw new Error('nobody is signed in')
        return who.user
      }
      return {
        store,
        client,
        session,
        me,
        /** Signs in as a guest, or resumes, and opens the live tie as the route hook does. */
        start: async (name?: string) => {
          await client.resume()
          if (store.getState().session.name !== 'signedIn') {
            const reply = await client.enter('guest', name === undefined ? {} : { name })
            if (!reply.ok) throw new Error(reply.code)
          }
          close = client.open(me())
        },
        close: () => close(),
        /** Opens the tie again after `close`, with the page as it was. */
        reopen: () => {
          close = client.open(me())
        },
        intents,
        /** What a person does in the composer. */
        write: (body: string, conv: ConversationId = LOBBY): ClientId => {
          const clientId = uuidv7(Date.now(), (into) => void crypto.getRandomValues(into)) as ClientId
          store.dispatch(messageWritten({ conv, clientId, body, sentAt: Date.now() }))
          return clientId
        },
        look: (conv: ConversationId = LOBBY) => store.dispatch(conversationOpened({ conv })),
        /** Unsent rows, in order. */
        unsent: (conv: ConversationId = LOBBY): OutboxRow[] => store.getState().outbox.byConv[conv] ?? [],
      }
    },
  }
}

export type Tab = ReturnType<ReturnType<typeof openBrowser>['tab']>

/** Node's fetch: jsdom's would refuse to send cookies on our behalf. */
const nodeFetch = globalThis.fetch

/** Resolves when `holds` does; rejects with the last reason otherwise. Looks again after every change of the store. */
export function until<T>(tab: { store: Tab['store'] }, holds: () => T | false | undefined, what: string, ms = 8_000): Promise<T> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const result = holds()
      if (result === false || result === undefined) return
      stop()
      clearTimeout(timer)
      resolve(result)
    }
    const stop = tab.store.subscribe(look)
    const timer = setTimeout(() => {
      stop()
      reject(new Error(`not within ${ms} ms: ${what}`))
    }, ms)
    look()
  })
}
