import { refusal } from '#protocol/reply.ts'
import { makingRoom, openBrowserDb, storageTrouble } from './browserDb.ts'
import { browserNet } from './browserNet.ts'
import {
  browserChannel,
  browserClock,
  browserLocks,
  browserMemory,
  browserRandom,
  browserSurroundings,
  claimIdentity,
  openTabs,
  type Memory,
} from './browserPorts.ts'
import type { Client, ClientParts } from './client.ts'
import { openEngine, type Engine } from './engine.ts'
import { requestAnswered, storageLost } from './facts.ts'
import type { OpenFiles } from './files.ts'
import { openLastDrafts } from './lastDrafts.ts'
import { openLastWords } from './lastWords.ts'
import { lazily } from './lazily.ts'
import { loadedOnce } from './loadedOnce.ts'
import type { Identity } from './ports.ts'
import { openSession, type SessionNews } from './session.ts'
import { openStorage, type Storage } from './storage.ts'
import type { TabMessage } from './tabs.ts'
import { TIMING, type Timing } from './timing.ts'

export type ClientOptions = {
  /** The server's origin where it is not the page's own. */
  origin?: string
  /** Shorter times for tests. */
  timing?: Timing
  fetch?: typeof fetch
  memory?: Memory
}

/** The page's one client: session, HTTP and, while somebody is signed in, the live tie. */
export function createClient({ dispatch, intents }: ClientParts, options: ClientOptions = {}): Client {
  const memory = options.memory ?? browserMemory
  let identity: Identity | undefined
  let live: { engine: Engine; storage: Storage; searchKept: Client['searchKept']; files: Client['files']; holdsFiles: () => boolean } | undefined
  let isStranger = false
  /** The server's own answers are worth a word only after somebody else's. */
  const answered = (byServer: boolean) => {
    if (byServer && !isStranger) return
    isStranger = !byServer
    dispatch(requestAnswered({ byServer }))
  }
  const identified = claimIdentity(memory).then((claimed) => {
    identity = claimed
  })
  const session = openSession({
    dispatch,
    base: options.origin ?? '',
    fetch: options.fetch ?? ((...request) => fetch(...request)),
    // read once: where the browser keeps nothing, every reading would be another device
    deviceId: () => identity!.deviceId,
    memory,
    tabs: browserChannel<SessionNews>('tidemark:session'),
    locks: browserLocks(),
    clock: browserClock,
    answered,
    timeoutMs: (options.timing ?? TIMING).HTTP_MS,
  })

  const isKept = async () => {
    if (!live) return true
    const { engine, storage, holdsFiles } = live
    // Transactions come one after another: when this one is over, all that began before it are.
    const isThere = await storage.outbox().then(storage.isShared, () => false)
    return isThere && !engine.holdsUnsaved() && !holdsFiles()
  }

  let resumed: Promise<void> | undefined
  const client: Client = {
    resume: () => (resumed ??= identified.then(session.resume)),
    enter: (way, given) => identified.then(() => session.enter(way, given)),
    signOut: session.signOut,

    isKept,

    check: async (conv) => live?.engine.check(conv) ?? refusal('E_TIMEOUT'),

    settled: async (conv) => live?.engine.settle(conv),

    searchKept: async (query) => live?.searchKept(query) ?? refusal('E_TIMEOUT'),

    files: () => live?.files() ?? Promise.reject(new Error('signed out')),

    open: (me) => {
      const channel = browserChannel<TabMessage>(`tidemark:${me.id}`)
      const db = openBrowserDb(`tidemark:${me.id}`, (error) => dispatch(storageLost({ reason: storageTrouble(error) })))
      const care = loadedOnce(() =>
        import('./browserStorage.ts').then(({ careFor }) =>
          careFor({ db, memory, user: me.id, clock: browserClock, channel, intents, emit: dispatch }),
        ),
      )
      // A bad moment may keep this part away; the storage does without.
      const caring = (use: (storage: Awaited<ReturnType<typeof care>>) => void) => void care().then(use, () => {})
      caring(() => {})
      const roomy = makingRoom(db, () => care().then((storage) => storage.makeRoom()))
      const storage = openStorage(roomy, browserRandom, (outbox) => caring(({ count }) => count(outbox)), { own: identity!.tabId, open: openTabs })
      const local = () => memory.local
      const lastDrafts = openLastDrafts({ local, key: `tidemark:drafts:${me.id}`, tab: identity!.tabId, storage, intents })
      const engine = openEngine({
        me,
        clock: browserClock,
        random: browserRandom,
        net: browserNet({ identity: () => identity!, build: __BUILD__, answered, url: options.origin }),
        token: session.tokenOf(me),
        surroundings: browserSurroundings,
        storage: { ...storage, keepDraft: lastDrafts.keep },
        timing: options.timing ?? TIMING,
        locks: browserLocks(),
        channel,
        emit: dispatch,
        report: (error) =>
          queueMicrotask(() => {
            throw error
          }),
        fetchOperations: () => import('./browserOperations.ts'),
        storageTrouble,
      })
      let holdsFiles = () => false
      const files = loadedOnce(() =>
        import('./files.ts').then(({ openFiles }) =>
          openFiles({ user: me.id, origin: options.origin ?? '', token: session.tokenOf(me), channel, api: client.api, emit: dispatch }),
        ),
      )
      const withFiles = (use: (files: OpenFiles) => void) => void files().then(use, () => {})
      withFiles((opened) => (holdsFiles = opened.holdsUnsaved))
      live = {
        engine,
        storage,
        files,
        holdsFiles: () => holdsFiles(),
        searchKept: (query) =>
          care().then(
            ({ searchKept }) => searchKept(storage, query),
            () => refusal('E_TIMEOUT'),
          ),
      }
      const stopFiles = intents.subscribe((action) => withFiles(({ handle }) => handle(action)))
      const stopIntents = intents.subscribe(engine.handle)
      const words = `tidemark:words:${me.id}`
      const lastWords = openLastWords({ local, key: words, intents, dispatch })
      const hear = ({ key }: StorageEvent) => {
        if (key?.startsWith(words)) lastWords.take()
      }
      // Only words that no storage holds are worth a question when the page goes away.
      const guard = (event: BeforeUnloadEvent) => {
        if (engine.holdsUnsaved() || holdsFiles()) event.preventDefault()
      }
      window.addEventListener('beforeunload', guard)
      const leave = () => {
        lastWords.leave()
        engine.release()
      }
      window.addEventListener('pagehide', leave)
      window.addEventListener('storage', hear)
      const stopHidden = browserSurroundings.subscribe((change) => {
        if (change === 'hidden') lastDrafts.leave()
      })
      return () => {
        window.removeEventListener('beforeunload', guard)
        window.removeEventListener('pagehide', leave)
        window.removeEventListener('storage', hear)
        stopHidden()
        lastWords.close()
        lastDrafts.close()
        stopIntents()
        stopFiles()
        withFiles(({ close }) => close())
        live = undefined
        const letGo = engine.close().then(storage.close)
        caring(({ close }) => void close(letGo))
        channel?.close()
      }
    },

    former: lazily(() => import('./formerWords.ts').then(({ formerWordsOf }) => formerWordsOf({ memory, dispatch, intents, isKept }))),
    api: lazily(() => import('./api.ts').then(({ openApi }) => openApi(session.ask))),
  }
  return client
}
