import { DeviceId, TabId, uuidv7 } from '#protocol/ids.ts'
import type { Channel, Clock, Identity, Locks, Random, Surroundings } from './ports.ts'

export const browserClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

export const browserRandom: Random = {
  unit: () => Math.random(),
  // Not crypto.randomUUID: it is missing where the page comes over plain http from another machine.
  bytes: (into) => void crypto.getRandomValues(into),
}

export const browserSurroundings: Surroundings = {
  online: () => navigator.onLine,
  visible: () => document.visibilityState === 'visible',
  subscribe: (listener) => {
    const stop = new AbortController()
    const { signal } = stop
    window.addEventListener('online', () => listener('online'), { signal })
    window.addEventListener('offline', () => listener('offline'), { signal })
    window.addEventListener('focus', () => listener('focus'), { signal })
    // Back from the back-forward cache: the page lives, its sockets are dead.
    window.addEventListener('pageshow', (event) => event.persisted && listener('wake'), { signal })
    window.addEventListener('pagehide', () => listener('hidden'), { signal })
    document.addEventListener('resume', () => listener('wake'), { signal })
    document.addEventListener('visibilitychange', () => listener(document.visibilityState === 'visible' ? 'visible' : 'hidden'), { signal })
    return () => stop.abort()
  },
}

export function browserChannel<T>(name: string): Channel<T> | undefined {
  if (typeof BroadcastChannel === 'undefined') return undefined
  const channel = new BroadcastChannel(name)
  let isClosed = false
  return {
    // A write that completes after the tie was closed still has something to say, and nobody to say it for.
    post: (message) => {
      if (!isClosed) channel.postMessage(message)
    },
    subscribe: (listener) => {
      const hear = (event: MessageEvent) => listener(event.data as T)
      channel.addEventListener('message', hear)
      return () => channel.removeEventListener('message', hear)
    },
    close: () => {
      isClosed = true
      channel.close()
    },
  }
}

export function browserLocks(): Locks | undefined {
  const locks = typeof navigator === 'undefined' ? undefined : navigator.locks
  if (!locks) return undefined
  const take: (options: LockOptions) => Locks['hold'] = (options) => (name, on) => {
    let release = () => {}
    let isOver = false
    let isHeld = false
    const aborter = new AbortController()
    locks
      .request(name, options.steal ? options : { ...options, signal: aborter.signal }, () => {
        if (isOver) return undefined
        isHeld = true
        on.taken()
        return new Promise<void>((resolve) => {
          release = resolve
        })
      })
      // A holder whose lock is stolen sees its request reject. So does everybody where the browser denies locks to a page.
      .catch(() => {
        if (isOver) return
        isOver = true
        if (isHeld) on.stolen()
        else on.taken()
      })
    return () => {
      isOver = true
      aborter.abort()
      release()
    }
  }
  return { hold: take({}), steal: take({ steal: true }) }
}

const newId = () => uuidv7(Date.now(), browserRandom.bytes)

/** A kept id, or a new one that is kept from now on where the browser lets us. */
function keptId(storage: () => Pick<Storage, 'getItem' | 'setItem'>, key: string, isId: (text: unknown) => boolean): string {
  try {
    const held = storage().getItem(key)
    if (isId(held)) return held!
    const fresh = newId()
    storage().setItem(key, fresh)
    return fresh
  } catch {
    return newId()
  }
}

/** What a browser keeps for a site (`local`) and for one tab (`session`). Reading the properties may throw where storage is blocked. */
export type Memory = { readonly local: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>; readonly session: Pick<Storage, 'getItem' | 'setItem'> }

export const browserMemory: Memory = {
  get local() {
    return localStorage
  },
  get session() {
    return sessionStorage
  },
}

function browserDeviceId(memory: Memory): DeviceId {
  return keptId(
    () => memory.local,
    'tidemark:device',
    (text) => DeviceId.safeParse(text).success,
  ) as DeviceId
}

/** How long a reloaded page may take to let go of the lock on its tab id. */
const TAB_LOCK_MS = 300

/**
 * This tab's id. A duplicated tab starts with a copy of the other's sessionStorage: whoever finds the id's lock taken is the copy and
 * takes a new id, so that two tabs never replace each other.
 */
export async function claimIdentity(memory: Memory): Promise<Identity> {
  const deviceId = browserDeviceId(memory)
  const tabId = keptId(
    () => memory.session,
    'tidemark:tab',
    (text) => TabId.safeParse(text).success,
  ) as TabId
  if (typeof navigator === 'undefined' || !navigator.locks || (await holdForever(`tab:${tabId}`))) return { deviceId, tabId }
  const fresh = newId() as TabId
  try {
    memory.session.setItem('tidemark:tab', fresh)
  } catch {
    // Blocked storage: the id lives as long as the page.
  }
  void holdForever(`tab:${fresh}`)
  return { deviceId, tabId: fresh }
}

/** The ids of the tabs of this browser that are open now; none where it has no locks to tell by. */
export async function openTabs(): Promise<string[]> {
  try {
    const { held = [] } = await navigator.locks.query()
    return held.flatMap(({ name = '' }) => (name.startsWith('tab:') ? [name.slice('tab:'.length)] : []))
  } catch {
    return []
  }
}

/** Resolves true once the lock is ours until the page goes away, false when somebody else keeps it. */
function holdForever(name: string): Promise<boolean> {
  return new Promise((resolve) => {
    navigator.locks
      .request(name, { signal: AbortSignal.timeout(TAB_LOCK_MS) }, () => {
        resolve(true)
        return new Promise<never>(() => {})
      })
      .catch(() => resolve(false))
  })
}
