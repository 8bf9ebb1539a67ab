import { Manager, type ManagerOptions, type Socket } from 'socket.io-client'
import { isCode } from '#protocol/codes.ts'
import { PUSHES, type PushName } from '#protocol/events.ts'
import { PROTOCOL } from '#protocol/version.ts'
import type { Identity, Net, Transport } from './ports.ts'
import { TIMING } from './timing.ts'

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/

type Engine = { transport: { name: string; ws?: { bufferedAmount?: number } }; on: (name: string, run: (...args: never[]) => void) => void }

/** Engine.IO's word for an answer that it can't read, where the server's own would be a packet: it came with a good status. */
const UNREADABLE = 'server error'

/** Engine.IO's word for a WebSocket that was closed before anything came through it. */
const WEBSOCKET_REFUSED = 'websocket error'

const polling = () => import('socket.io-client').then(({ XHR }) => XHR)

const engineOf = (socket: Socket) => socket.io.engine as unknown as Engine

export type BrowserNetParts = {
  identity: () => Identity
  build: string
  /** Hears of each handshake that was answered whether our server did it. */
  answered: (byServer: boolean) => void
  /** Of the server; the page's own origin when undefined. */
  url: string | undefined
}

/**
 * Socket.IO as a pipe that carries frames and answers, nothing more: no reconnection, no buffers, no recovery of its own. Each dial
 * is a fresh Manager; closing it takes everything of that attempt with it. Where a WebSocket is refused, the same dial goes on with
 * polling, which is fetched then: few need it, and it comes over the same HTTP that it needs.
 */
export function browserNet({ identity, build, answered, url }: BrowserNetParts): Net {
  function manager(transports: NonNullable<ManagerOptions['transports']>): Manager {
    const options = {
      autoConnect: false,
      forceNew: true,
      reconnection: false,
      transports,
      timeout: TIMING.DIAL_MS + TIMING.CONNECT_MS,
      closeOnBeforeunload: false,
    }
    return url === undefined ? new Manager(options) : new Manager(url, options)
  }

  return {
    loopback: LOOPBACK.test(url === undefined ? location.hostname : new URL(url).hostname),

    dial: ({ gen, token, transport }, events) => {
      const { deviceId, tabId } = identity()
      const dialledAt = Date.now()
      let socket: Socket | undefined
      let isOpen = false
      let isClosed = false

      function open(transports: NonNullable<ManagerOptions['transports']>, failed: (error: Error) => void): void {
        const io = manager(transports)
        const auth = (give: (auth: object) => void) => give({ proto: [PROTOCOL.min, PROTOCOL.max], token, deviceId, tabId, gen, dialledAt, build })
        const line = io.socket('/', { auth })
        socket = line
        io.on('open', () => {
          isOpen = true
          answered(true)
          engineOf(line).on('packet', () => events.heard())
          events.engineOpened(engineOf(line).transport.name as Transport)
        })
        line.on('connect', () => {
          events.connected()
          // at hand before it is needed: the next build takes the files of this one away
          polling().catch(() => {})
        })
        line.on('connect_error', failed)
        line.on('disconnect', (reason) => {
          if (!isClosed) events.lost(reason)
        })
        line.onAny((name: string, payload: unknown) => {
          if (Object.hasOwn(PUSHES, name)) events.pushed(name as PushName, payload)
        })
        line.connect()
      }

      function release(): void {
        socket?.offAny()
        socket?.off()
        socket?.io.off()
        socket?.disconnect()
        socket = undefined
      }

      function notConnected(error: Error & { data?: { code?: unknown; retryAfterMs?: unknown } }): void {
        const { code, retryAfterMs } = error.data ?? {}
        if (isCode(code)) return events.refused(code, typeof retryAfterMs === 'number' ? retryAfterMs : 0)
        if (error.message === UNREADABLE) answered(false)
        events.failed(error.message)
      }

      function openPolling(): void {
        polling().then(
          (XHR) => isClosed || open([XHR], notConnected),
          (error: Error) => isClosed || events.failed(error.message),
        )
      }

      if (transport === 'polling') openPolling()
      else
        open(['websocket'], (error) => {
          // A WebSocket that is refused is no answer of the server; one that is swallowed needs our own dial timer.
          if (isOpen || error.message !== WEBSOCKET_REFUSED) return notConnected(error)
          release()
          openPolling()
        })
      return {
        request: (name, payload, answered) => {
          // Socket.IO would keep it for a later connection; nothing of ours goes through that buffer.
          if (socket?.connected) socket.emit(name, payload, answered)
        },
        signal: (name, payload) => {
          if (socket?.connected) socket.volatile.emit(name, payload, () => {})
        },
        bufferedBytes: () => (socket && engineOf(socket)?.transport.ws?.bufferedAmount) ?? 0,
        close: () => {
          isClosed = true
          release()
        },
      }
    },

    tryWebSocket: (answered) => {
      const io = manager(['websocket'])
      let isDone = false
      const finish = (works: boolean | undefined) => {
        if (isDone) return
        isDone = true
        clearTimeout(timer)
        // Closing a WebSocket that is still opening is what a swallowed upgrade needs.
        io.engine?.close()
        if (works !== undefined) answered(works)
      }
      const timer = setTimeout(() => finish(false), TIMING.DIAL_MS)
      io.open((error) => finish(error === undefined))
      return () => finish(undefined)
    },
  }
}
