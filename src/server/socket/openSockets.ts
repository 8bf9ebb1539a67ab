import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { Server as Engine } from 'engine.io'
import { Server } from 'socket.io'
import { FRAME_MAX_BYTES } from '#protocol/limits.ts'
import type { Notice } from '#server/domain/core.ts'
import type { Edge, LiveConnections } from '#server/edge/edge.ts'
import { isOriginAllowed } from '#server/edge/origins.ts'
import { keepStats } from '#server/observe/stats.ts'
import type { ChatServer } from './live.ts'
import { openReception } from './reception.ts'
import { report } from './report.ts'

export type Sockets = LiveConnections & {
  handleRequest: (request: IncomingMessage, response: ServerResponse) => void
  handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  publish: (notice: Notice) => void
  /** Refuses new connections and announces the restart to all; resolves when they were cut, `DRAIN_MS` later or as soon as none is left. */
  drain: (span?: { fromMs: number; toMs: number }) => Promise<void>
  /** Cuts what is left and stops. After `drain`. */
  close: () => Promise<void>
}

export function openSockets(edge: Edge): Sockets {
  const { config, timing, core, log, peers } = edge
  const isWelcome = (request: IncomingMessage): boolean => isOriginAllowed(request, { allowed: config.ORIGINS, peers })

  // The engine is driven by hand instead of being attached: attaching rewrites the listeners of the HTTP server, and closing would
  // close that server, which belongs to Vite in development.
  const engine = new Engine({
    transports: ['websocket', 'polling'],
    pingInterval: config.PING_INTERVAL_MS,
    pingTimeout: config.PING_TIMEOUT_MS,
    maxHttpBufferSize: FRAME_MAX_BYTES,
    perMessageDeflate: false,
    cors: (request, callback) => {
      const { origin } = (request as IncomingMessage).headers
      callback(null, { origin: origin !== undefined && isWelcome(request as IncomingMessage) ? origin : false, credentials: true })
    },
    // pages of other origins get no further than this; CORS alone does not hold for WebSockets
    allowRequest: (request, decide) => decide(isWelcome(request) ? null : 'origin not allowed', isWelcome(request)),
  })
  engine.on('connection_error', ({ code, message, req }: { code: number; message: string; req: IncomingMessage }) =>
    log.info(
      { event: 'socket_refused', stage: 'REFUSED', code, reason: message, address: peers.addressOf(req), origin: req.headers.origin },
      'REFUSED',
    ),
  )
  const io: ChatServer = new Server({ serveClient: false, connectTimeout: timing.CONNECT_TIMEOUT_MS })
  io.bind(engine)

  let draining = false
  const reception = openReception(edge, io, () => draining)
  const { connections } = reception
  io.use(reception.handshake)
  // Synchronous: a handler registered after an await misses what arrives meanwhile.
  io.on('connection', reception.connected)
  const reportNow = () => report(io, core.now(), connections, engine.clientsCount)
  const stopStats = keepStats(edge.after, log, timing.STATS_EVERY_MS, reportNow)

  return {
    handleRequest: (request, response) => {
      // hono and Vite never see these, so the engine may have the whole response
      engine.handleRequest(request, response)
    },
    handleUpgrade: (request, socket, head) => engine.handleUpgrade(request, socket, head),
    publish: reception.publish,
    count: () => connections.count(),
    isConnected: (user, session) => connections.ofSession(user, session).length > 0,
    cut: reception.cut,
    drop: (user) => {
      for (const live of connections.ofUser(user)) live.socket.conn.close(true)
    },
    report: reportNow,

    drain: async (span = { fromMs: timing.DRAIN_RETURN_MIN_MS, toMs: timing.DRAIN_RETURN_MAX_MS }) => {
      draining = true
      if (connections.count() === 0) return
      reception.announceRestart(span)
      await reception.emptied(config.DRAIN_MS)
    },

    close: async () => {
      draining = true
      stopStats()
      // the farewell was said; closing the transport rather than the namespace lets clients come back by themselves
      for (const live of connections.all()) live.socket.conn.close()
      await reception.close()
      await io.close()
    },
  }
}
