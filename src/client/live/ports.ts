import type { Code } from '#protocol/codes.ts'
import type { PushName, RequestName } from '#protocol/events.ts'
import type { DeviceId, TabId } from '#protocol/ids.ts'

/*
 * What the live tie needs of the world. The browser's versions are in `browser*.ts`; the simulator brings its own, so that the code
 * that runs in front of people is the code that is proven.
 */

/** Time in milliseconds. `after` returns its cancel; both may be called at any time, any number of times. */
export type Clock = { now: () => number; after: (ms: number, run: () => void) => () => void }

export type Random = { /** in [0, 1) */ unit: () => number; bytes: (into: Uint8Array<ArrayBuffer>) => void }

/** One attempt to reach the server, and what comes of it. After `close()` nothing more is heard from it. */
export type Socket = {
  /** One object out, one raw reply back (unvalidated; never called when the line is lost first). */
  request: (name: RequestName, payload: object, answered: (raw: unknown) => void) => void
  /** Worth nothing later: sent now or not at all. */
  signal: (name: RequestName, payload: object) => void
  /** Bytes the browser has not handed to the network yet. */
  bufferedBytes: () => number
  close: () => void
}

export type SocketEvents = {
  engineOpened: (transport: Transport) => void
  connected: () => void
  refused: (code: Code, retryAfterMs: number) => void
  failed: (reason: string) => void
  lost: (reason: string) => void
  pushed: (name: PushName, raw: unknown) => void
  /** Any packet at all, the transport's own pings included. */
  heard: () => void
  transportChanged: (transport: Transport) => void
}

export type Transport = 'websocket' | 'polling'

export type Net = {
  dial: (plan: { gen: number; token: string; transport: Transport }, events: SocketEvents) => Socket
  /** Does a WebSocket get through now? Tries once, apart from the line in use. Returns its cancel. */
  tryWebSocket: (answered: (works: boolean) => void) => () => void
  /** The server is on this machine (`localhost`, `127.0.0.1`, `[::1]`). */
  loopback: boolean
}

/** The access token: in memory only, renewed through the httpOnly cookie. */
export type Token = {
  /** undefined until the first renewal. `life` is its whole life at issue. */
  current: () => { value: string; expiresAt: number; life: number } | undefined
  /** One renewal at a time however many ask. `denied`: the session is gone. `failed`: the server could not be asked. */
  renew: () => Promise<'ok' | 'denied' | 'failed'>
}

/** What the browser says about itself. Every subscription returns its end. */
export type Surroundings = {
  online: () => boolean
  visible: () => boolean
  subscribe: (listener: (change: 'online' | 'offline' | 'visible' | 'hidden' | 'focus' | 'wake') => void) => () => void
}

/** Other tabs of this browser, same person. Messages are lost when nobody listens; nothing depends on them. */
export type Channel<T> = { post: (message: T) => void; subscribe: (listener: (message: T) => void) => () => void; close: () => void }

/** A named lock that one tab holds. */
export type Locks = {
  /**
   * Waits for the lock; `taken` when it is ours or the browser denies locks to this page, `stolen` when another tab took it away.
   * Returns the end of waiting or holding.
   */
  hold: (name: string, on: { taken: () => void; stolen: () => void }) => () => void
  /** Takes it from whoever has it: for a holder that is frozen. */
  steal: (name: string, on: { taken: () => void; stolen: () => void }) => () => void
}

export type Identity = { deviceId: DeviceId; tabId: TabId }
