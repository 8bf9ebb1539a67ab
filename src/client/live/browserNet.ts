import { Manager } from 'socket.io-client'
import { isCode } from '#protocol/codes.ts'
import { PUSHES, type PushName } from '#protocol/events.ts'
import { PROTOCOL } from '#protocol/version.ts'
import type { Identity, Net, Transport } from './ports.ts'
import { TIMING } from './timing.ts'

const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/

type Engine = { transport: { name: string; ws?: { bufferedAmount?: number } }; on: (name: string, run: (...args: never[]) => void) => void }

/** Engine.IO's word for an answer that it can't read, where the server's own would be a packet: it came with a good status. */
const UNREADABLE = 'server error'

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
 * is a fresh Manager; closing it takes everything of that attempt with it.
 */
export function browserNet({ identity, build, answered, url }: BrowserNetParts): Net {
  const options = (transports: Transport[]) => ({
    autoConnect: false,
    forceNew: true,
    reconnection: false,
    transports,
    // Without it Socket.IO never falls back from a WebSocket that is refused. One that is swallowed needs our own dial timer.
    tryAllTransports: true,
    timeout: TIMING.DIAL_MS + TIMING.CONNECT_MS,
    closeOnBeforeunload: false,
  })
  const manager = (transports: Transport[]) => (url === undefined ? new Manager(options(transports)) : new Manager(url, options(transports)))

  return {
    loopback: LOOPBACK.test(url === undefined ? location.hostname : new URL(url).hostname),

    dial: ({ gen, token, transport }, events) => {
      const io = manager(transport === 'websocket' ? ['websocket', 'polling'] : ['polling'])
      const { deviceId, tabId } = identity()
      const dialledAt = Date.now()
      const socket = io.socket('/', {
        auth: (give: (auth: object) => void) => give({ proto: [PROTOCOL.min, PROTOCOL.max], token, deviceId, tabId, gen, dialledAt, build }),
      })
      let isClosed = false
      const engine = () => io.engine as unknown as Engine
      io.on('open', () => {
        answered(true)
        engine().on('packet', () => events.heard())
        engine().on('upgrade', () => events.transportChanged(engine().transport.name as Transport))
        events.engineOpened(engine().transport.name as Transport)
      })
      socket.on('connect', () => events.connected())
      socket.on('connect_error', (error: Error & { data?: { code?: unknown; retryAfterMs?: unknown } }) => {
        const { code, retryAfterMs } = error.data ?? {}
        if (isCode(code)) events.refused(code, typeof retryAfterMs === 'number' ? retryAfterMs : 0)
        else {
          if (error.message === UNREADABLE) answered(false)
          events.failed(error.message)
        }
      })
      socket.on('disconnect', (reason) => {
        if (!isClosed) events.lost(reason)
      })
      socket.onAny((name: string, payload: unknown) => {
        if (Object.hasOwn(PUSHES, name)) events.pushed(name as PushName, payload)
      })
      socket.connect()
      return {
        request: (name, payload, answered) => {
          // Socket.IO would keep it for a later connection; nothing of ours goes through that buffer.
          if (socket.connected) socket.emit(name, payload, answered)
        },
        signal: (name, payload) => {
          if (socket.connected) socket.volatile.emit(name, payload, () => {})
        },
        bufferedBytes: () => engine()?.transport.ws?.bufferedAmount ?? 0,
        close: () => {
          isClosed = true
          socket.offAny()
          socket.off()
          io.off()
          socket.disconnect()
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
