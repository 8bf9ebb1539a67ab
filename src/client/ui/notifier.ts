import type { ConversationId, MessageId, UserId } from '#protocol/ids.ts'

/** What stands in the notification centre of this device: one per conversation, of what came last there. */
export type Shown = Place & { at: number; title: string; body: string }
/** Which message it is, and the last of how many. */
type Place = { conv: ConversationId; id: MessageId; seq: number; count: number }

/** Said to a page when somebody clicks on one. */
export type ConversationWanted = { open: ConversationId }

/** Held, shared, by every page of this browser that somebody looks at. */
const LOOKING = 'tidemark:looking'
/** One page at a time decides whether to show one … */
const NOTIFYING = 'tidemark:notifying'
/** … and none waits longer for the others: a page that is frozen keeps its locks. */
const TURN_MS = 3_000

/** Can this browser show any, for this page? Without https it can't; nor where it keeps no worker, to which a click would go. */
export const canNotify = (): boolean => 'Notification' in window && 'serviceWorker' in navigator && 'locks' in navigator

/** Until the returned function is called, other pages know when somebody looks at this one. */
export function showLooking(): () => void {
  let letGo: (() => void) | undefined
  const look = () => {
    const isLooking = document.visibilityState === 'visible' && document.hasFocus()
    if (isLooking === (letGo !== undefined)) return
    letGo?.()
    letGo = undefined
    if (!isLooking) return
    const looked = new Promise<void>((resolve) => (letGo = resolve))
    navigator.locks.request(LOOKING, { mode: 'shared' }, () => looked).catch(() => {})
  }
  const stop = new AbortController()
  for (const [target, type] of [
    [document, 'visibilitychange'],
    [window, 'focus'],
    [window, 'blur'],
  ] as const)
    target.addEventListener(type, look, { signal: stop.signal })
  look()
  return () => {
    stop.abort()
    letGo?.()
  }
}

/**
 * Shows it, unless somebody looks at any page of this browser, or another page was faster. Never rejects: a notification that can't be shown is
 * no loss, the message is there.
 */
export const notify = (me: UserId, one: Shown): Promise<void> => inTurn((worker) => show(worker, me, one))

/** As `notify`, for the service worker, where no page is. */
export const notifyFrom = (worker: ServiceWorkerRegistration, me: UserId, one: Shown): Promise<void> => oneByOne(() => show(worker, me, one))

async function show(worker: ServiceWorkerRegistration, me: UserId, one: Shown): Promise<void> {
  const told = await toldOf(me)
  const before = told[one.conv]
  // A restored server counts from where it was, and its clock may be set back: of two messages the later one is later by either.
  if (before && one.at <= before.at && one.seq <= before.seq) return
  await tell(me, { ...told, [one.conv]: { at: one.at, seq: one.seq } })
  // Who looked when it came is not told of it later, as when a page reads all of it anew.
  const { held } = await navigator.locks.query()
  if (held?.some(({ name }) => name === LOOKING)) return
  const { title, body, conv, id, seq, count } = one
  await put(worker, me, { conv, id, seq, count }, { title, body, isNews: true })
}

async function put(
  worker: ServiceWorkerRegistration,
  me: UserId,
  data: Place,
  what: { title: string; body: string; isNews: boolean },
): Promise<void> {
  const { title, body, isNews } = what
  // `renotify`: the next one of a conversation takes the place of the last and is heard all the same
  const heard: NotificationOptions & { renotify: boolean } = { renotify: isNews, silent: !isNews }
  await worker.showNotification(title, { tag: tagOf(me, data.conv), body, icon: '/icon-192.png', data, ...heard })
}

/** The message of one that may stand there was changed: it says so without a sound. */
export async function reword(
  me: UserId,
  { conv, id, bodyFor }: { conv: ConversationId; id: MessageId; bodyFor: (count: number) => string },
): Promise<void> {
  await inTurn(async (worker) => {
    const [shown] = await worker.getNotifications({ tag: tagOf(me, conv) })
    const place = shown?.data as Place | undefined
    if (shown && place?.id === id) await put(worker, me, place, { title: shown.title, body: bodyFor(place.count), isNews: false })
  })
}

/** The message of one that may stand there was deleted: it says, without a sound, what came before that and is not read either. */
export async function giveWay(
  me: UserId,
  { conv, gone, next }: { conv: ConversationId; gone: ReadonlySet<MessageId>; next: Shown | undefined },
): Promise<void> {
  await inTurn(async (worker) => {
    const [shown] = await worker.getNotifications({ tag: tagOf(me, conv) })
    if (!shown || !gone.has((shown.data as Place).id)) return
    if (!next) return shown.close()
    const { title, body, id, seq, count } = next
    await put(worker, me, { conv, id, seq, count }, { title, body, isNews: false })
  })
}

/** Takes those of this person away that are over. */
export async function takeBack(me: UserId, isOver: (shown: Place) => boolean): Promise<void> {
  await inTurn(async (worker) => {
    for (const shown of await worker.getNotifications()) {
      const place = shown.data as Place
      if (shown.tag === tagOf(me, place.conv) && isOver(place)) shown.close()
    }
  })
}

/** Those of anybody else who sat here. */
export async function takeOthersBack(me: UserId): Promise<void> {
  await inTurn(async (worker) => {
    for (const shown of await worker.getNotifications()) if (shown.tag !== tagOf(me, (shown.data as Place).conv)) shown.close()
  })
}

/** For when somebody else may sit here now. */
export async function takeAllBack(): Promise<void> {
  await inTurn(async (worker) => {
    for (const shown of await worker.getNotifications()) shown.close()
  })
}

const tagOf = (me: UserId, conv: ConversationId): string => `${me} ${conv}`

async function inTurn(act: (worker: ServiceWorkerRegistration) => Promise<void>): Promise<void> {
  if (!canNotify() || Notification.permission !== 'granted') return
  try {
    const worker = await navigator.serviceWorker.getRegistration()
    if (worker?.active) await oneByOne(() => act(worker))
  } catch {
    // The browser has its reasons.
  }
}

async function oneByOne(act: () => Promise<void>): Promise<void> {
  let hasBegun = false
  const begin = () => {
    hasBegun = true
    return act()
  }
  try {
    await navigator.locks.request(NOTIFYING, { signal: AbortSignal.timeout(TURN_MS) }, begin)
  } catch (error) {
    if (hasBegun) throw error
    // those who gave up waiting are many, and still one at a time
    await navigator.locks.request(`${NOTIFYING} late`, begin)
  }
}

type Told = Record<string, Pick<Shown, 'at' | 'seq'>>

/** Where pages and the service worker both can read: what one has told of, the other has not to. Goes with its person: `live/sweeping.ts`. */
const TOLD = 'tidemark:told'

async function toldOf(me: UserId): Promise<Told> {
  const kept = await (await caches.open(TOLD)).match(`/${me}`)
  return kept ? ((await kept.json()) as Told) : {}
}

async function tell(me: UserId, told: Told): Promise<void> {
  // full: it may be told of once more
  await (await caches.open(TOLD)).put(`/${me}`, Response.json(told)).catch(() => {})
}
