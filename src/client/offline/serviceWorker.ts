import { notifyFrom } from '#client/ui/notifier.ts'
import { wordsOf } from '#client/ui/notificationWords.ts'
import { speakKeptWords } from '#client/words/keptWords.ts'
import type { PushedNews } from '#protocol/push.ts'

/*
 * The service worker: keeps the app itself in this browser, so that it opens without a network. What people write and read is kept
 * elsewhere (`live/storage.ts`); nothing of the server's answers is kept here. Whoever has a network gets the newest page with every load,
 * so there is never an old build that has to be got rid of. It also tells of messages where no page is open that could.
 */

/** What stands below is of a file of its own, which knows nothing of the page: the build says what it has to keep. */
declare const __KEPT_FILES__: readonly string[]
/** One of them, and no page of another build asks for it. */
declare const __ENTRY__: string

type Waiting = { waitUntil: (done: Promise<unknown>) => void }
type OpenPage = { postMessage: (words: BuildCame | { open: string }) => void; focus: () => Promise<unknown> }

/** The part of `ServiceWorkerGlobalScope` that is used: the types of workers and those of pages exclude each other. */
type Scope = {
  addEventListener: {
    (type: 'install' | 'activate', listener: (event: Waiting) => void): void
    (type: 'message', listener: (event: { source: Pick<OpenPage, 'postMessage'> | null }) => void): void
    (type: 'push', listener: (event: Waiting & { data: { json: () => unknown } | null }) => void): void
    (type: 'notificationclick', listener: (event: Waiting & { notification: Notification }) => void): void
    (type: 'fetch', listener: (event: { request: Request; respondWith: (answer: Promise<Response>) => void }) => void): void
  }
  registration: ServiceWorkerRegistration
  skipWaiting: () => Promise<void>
  clients: {
    claim: () => Promise<void>
    matchAll: (which: { type: 'window'; includeUncontrolled: true }) => Promise<OpenPage[]>
    openWindow: (path: string) => Promise<unknown>
  }
}

/** Said to every page once a build is kept: whichever is of another one is old. */
export type BuildCame = { build: string }

const scope = globalThis as unknown as Scope

const PREFIX = 'tidemark '
const NAME = PREFIX + __BUILD__
const FILES = new Set(__KEPT_FILES__)
/** How the server compressed what is kept is no matter to whoever reads it. */
const HERE = { cacheName: NAME, ignoreVary: true }

/** So long somebody waits for a network that is said to be there before they get what is kept. */
const PATIENCE_MS = 3_000

/** So many builds are kept beside this one, each about a megabyte. */
const BUILDS_BEFORE = 3

/** What the server itself answers at these places is no page of the app. */
const OF_THE_SERVER = /^\/(api|health|metrics|socket\.io)(\/|$)/

scope.addEventListener('install', (event) => event.waitUntil(keep().then(() => scope.skipWaiting())))
scope.addEventListener('activate', (event) => event.waitUntil(takeOver()))
scope.addEventListener('fetch', (event) => {
  const { request } = event
  const { origin, pathname } = new URL(request.url)
  if (request.method !== 'GET' || origin !== location.origin || OF_THE_SERVER.test(pathname)) return
  if (request.mode === 'navigate') event.respondWith(pageFor(request))
  else if (pathname.startsWith('/assets/') || FILES.has(pathname)) event.respondWith(fileFor(request))
})

/** A page asks which build is kept here. */
scope.addEventListener('message', ({ source }) => source?.postMessage({ build: __BUILD__ }))

scope.addEventListener('push', (event) => {
  if (event.data) event.waitUntil(tellOf(event.data.json() as PushedNews))
})

/** Of what our own server has encrypted for this browser. */
async function tellOf({ user, conv, kind, name, ...news }: PushedNews): Promise<void> {
  // where they can't be read it is said in English
  await speakKeptWords().catch(() => {})
  const { id, seq, at, senderName } = news.newest
  return notifyFrom(scope.registration, user, {
    conv,
    id,
    seq,
    at,
    count: news.count,
    ...wordsOf(news, { kind, title: kind === 'direct' ? senderName : name }),
  })
}

scope.addEventListener('notificationclick', (event) => {
  const { conv } = event.notification.data as { conv: string }
  event.notification.close()
  event.waitUntil(openConversation(conv))
})

/** In the page that was looked at last, or in a new one. */
async function openConversation(conv: string): Promise<void> {
  const [page] = await pages()
  if (!page) return void (await scope.clients.openWindow(`/chat/${conv}`))
  page.postMessage({ open: conv })
  await page.focus()
}

const pages = () => scope.clients.matchAll({ type: 'window', includeUncontrolled: true })

/** All of it or nothing: rejects, and is tried again with the next page, where a file can't be had or the page is of another build. */
async function keep(): Promise<void> {
  const page = await fetch('/', { cache: 'reload' })
  if (!page.ok || !(await page.clone().text()).includes(__ENTRY__)) throw new Error('The server is being changed to another build.')
  const isNew = !(await caches.has(NAME))
  try {
    const cache = await caches.open(NAME)
    await cache.addAll([...FILES])
    await cache.put('/', page)
  } catch (error) {
    // half of it would stand where that of the page that is open should
    if (isNew) await caches.delete(NAME)
    throw error
  }
}

/** Pages of builds before may still be open, and ask for what they have not loaded yet. */
async function takeOver(): Promise<void> {
  const others = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME)
  await Promise.all(others.slice(0, -BUILDS_BEFORE).map((name) => caches.delete(name)))
  await scope.clients.claim()
  for (const page of await pages()) page.postMessage({ build: __BUILD__ })
}

/** The server's page; the kept one where there is no network, none that answers, or a proxy answers for a server that is away. */
async function pageFor(request: Request): Promise<Response> {
  // a page that is gone back to, or opened again, asks for what the browser has of it
  const { url, headers } = request
  const answered = fetch(url, { headers, cache: 'no-cache', redirect: 'manual' }).catch(() => undefined)
  const impatient = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE_MS))
  const answer = await Promise.race([answered, impatient])
  // our server never leads elsewhere: whoever does is not it
  if (answer?.ok) return answer
  return (await kept('/', HERE)) ?? (await answered) ?? Response.error()
}

/** What a page of the build before asks for is looked for among what was kept for that one. */
async function fileFor(request: Request): Promise<Response> {
  return (await kept(request, HERE)) ?? (await kept(request, { ignoreVary: true })) ?? fetch(request)
}

/** A browser whose cache is damaged has none. */
const kept = (what: RequestInfo, how: MultiCacheQueryOptions) => caches.match(what, how).catch(() => undefined)
