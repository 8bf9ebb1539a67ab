import type { PushRequest } from '#protocol/push.ts'

/*
 * The place at which a push service reaches this browser while no page of it is open.
 */

const changed = new Set<() => void>()
export type PushState = 'unknown' | 'held' | 'none'
let state: PushState = 'unknown'

const become = (next: PushState): void => {
  state = next
  for (const tell of changed) tell()
}

export const pushPlace = {
  state: (): PushState => state,
  subscribe: (tell: () => void): (() => void) => {
    changed.add(tell)
    return () => changed.delete(tell)
  },
  /** The one this browser has for this key, or a new one; undefined where there is none to be had. */
  take: async (key: string): Promise<PushRequest | undefined> => {
    try {
      const { pushManager } = await navigator.serviceWorker.ready
      const before = await pushManager.getSubscription()
      const isOurs = before !== null && base64urlOf(before.options.applicationServerKey) === key
      if (before && !isOurs) await before.unsubscribe()
      const place = isOurs ? before : await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
      const { endpoint, keys } = place.toJSON()
      become('held')
      return { endpoint: endpoint!, keys: { p256dh: keys!['p256dh']!, auth: keys!['auth']! } }
    } catch {
      // no push service, or none that answers now
      become('none')
      return undefined
    }
  },
  /** Gives it up. Was there one? */
  leave: async (): Promise<boolean> => {
    become('unknown')
    try {
      const worker = await navigator.serviceWorker.getRegistration()
      const place = await worker?.pushManager.getSubscription()
      return (await place?.unsubscribe()) ?? false
    } catch {
      return false
    }
  },
}

const base64urlOf = (bytes: ArrayBuffer | null): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes ?? new ArrayBuffer())))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
