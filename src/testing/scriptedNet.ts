import type { RequestName } from '#protocol/events.ts'
import type { Net, SocketEvents, Surroundings, Token, Transport } from '#client/live/ports.ts'

/** A network that does exactly what a test says. `dials` holds every attempt, newest last. */
export function scriptedNet(more: { loopback?: boolean } = {}) {
  const dials: Dial[] = []
  const probes: ((works: boolean) => void)[] = []
  const net: Net = {
    loopback: more.loopback ?? false,
    dial: (plan, events) => {
      const dial: Dial = { ...plan, events, isClosed: false, requests: [], signals: [], buffered: 0, answer: () => undefined }
      dials.push(dial)
      return {
        request: (name, payload, answered) => {
          dial.requests.push({ name, payload, answered })
          const raw = dial.answer(name, payload)
          if (raw !== undefined) void Promise.resolve().then(() => answered(raw))
        },
        signal: (name, payload) => void dial.signals.push({ name, payload }),
        bufferedBytes: () => dial.buffered,
        close: () => {
          dial.isClosed = true
        },
      }
    },
    tryWebSocket: (answered) => {
      probes.push(answered)
      return () => {}
    },
  }
  return { net, dials, probes, last: () => dials.at(-1)!, open: () => dials.filter((dial) => !dial.isClosed) }
}

export type Dial = {
  gen: number
  token: string
  transport: Transport
  events: SocketEvents
  isClosed: boolean
  requests: { name: RequestName; payload: object; answered: (raw: unknown) => void }[]
  signals: { name: RequestName; payload: object }[]
  buffered: number
  /** What the server says at once; undefined leaves the request open. */
  answer: (name: RequestName, payload: object) => unknown
}

/** A browser whose network and focus a test moves. */
export function scriptedSurroundings() {
  const listeners = new Set<(change: 'online' | 'offline' | 'visible' | 'hidden' | 'focus' | 'wake') => void>()
  let online = true
  const surroundings: Surroundings = {
    online: () => online,
    visible: () => true,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
  const say = (change: Parameters<Parameters<Surroundings['subscribe']>[0]>[0]) => {
    if (change === 'online') online = true
    if (change === 'offline') online = false
    for (const listener of listeners) listener(change)
  }
  return { surroundings, say, listeners: () => listeners.size }
}

/** A token whose renewals a test answers. */
export function scriptedToken(now: () => number, life = 600_000) {
  const control = { renewals: 0, result: 'ok' as 'ok' | 'denied' | 'failed' }
  let current: ReturnType<Token['current']>
  const token: Token = {
    current: () => current,
    renew: async () => {
      control.renewals++
      if (control.result === 'ok') current = { value: `token-${control.renewals}`, expiresAt: now() + life, life }
      return control.result
    },
  }
  return { token, control }
}
