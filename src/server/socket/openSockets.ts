import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { Server as Engine } from 'engine.io'
import { Server } from 'socket.io'
import { FRAME_MAX_BYTES } from '#protocol/limits.ts'
import type { Identity, Notice } from '#server/domain/core.ts'
import { openConnection } from '#server/domain/sessions.ts'
import { between, type Edge, type LiveConnections } from '#server/edge/edge.ts'
import { isOriginAllowed } from '#server/edge/origins.ts'
import { paced } from '#server/edge/paced.ts'
import { lifecycle } from '#server/observe/lifecycle.ts'
import { keepStats } from '#server/observe/stats.ts'
import { makeGate } from './answer.ts'
import { makeConnections } from './connections.ts'
import { makeHandshake } from './handshake.ts'
import { keepHouse } from './housekeeping.ts'
import { hangUp, type ChatServer, type ChatSocket, type Live, type Verified } from './live.ts'
import { messageHandlers } from './messageHandlers.ts'
import { makePresenceBook } from './presenceBook.ts'
import { presenceHandlers } from './presenceHandlers.ts'
import { presenceSources } from './presenceSources.ts'
import { publishLocally } from './publish.ts'
import { receiptHandlers } from './receiptHandlers.ts'
import { report } from './report.ts'
import { sessionHandlers } from './sessionHandlers.ts'
import type { SocketEdge } from './socketEdge.ts'
import { syncHandlers } from './syncHandlers.ts'
import { viewHandlers } from './viewHandlers.ts'

export type Sockets = LiveConnections & {
  handleRequest: (request: IncomingMessage, response: ServerResponse) => void
  handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  publish: (notice: Notice) => void
  /** Refuses new connections and announces the restart to all; resolves when they were cut, `DRAIN_MS` later or as soon as none is left. */
  drain: (span?: { fromMs: number; toMs: number }) => Promise<void>
  /** Cuts what is left and stops. After `drain`. */
  close: () => Promise<void>
}

const HANDLERS = { ...sessionHandlers, ...syncHandlers, ...messageHandlers, ...receiptHandlers, ...presenceHandlers, ...viewHandlers }

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
  const socketEdge: SocketEdge = {
    ...edge,
    io,
    connections: makeConnections(),
    presence: makePresenceBook<Live>({
      ...presenceSources(core),
      now: core.now,
      graceMs: timing.PRESENCE_GRACE_MS,
      batchMs: timing.PRESENCE_BATCH_MS,
      // not volatile: a dot must not stay wrong because the line was busy for a moment
      tell: (live, states) => live.socket.emit('presence:changed', { states }),
    }),
    hellos: { underWay: 0 },
    isDraining: () => draining,
    openConnection: paced((who: Identity) => openConnection(core, who), timing.COUNT_SPACING_MS),
  }
  const { connections, presence } = socketEdge
  const gate = makeGate(socketEdge, HANDLERS)

  io.use(makeHandshake(socketEdge))
  // Everything below is synchronous: a handler registered after an await misses what arrives meanwhile.
  io.on('connection', (socket) => {
    const verified = socket.data.verified
    if (!verified) {
      socket.conn.close()
      return
    }
    const live = welcome(socketEdge, socket, verified)
    // the HTTP request that began it is the biggest thing an idle connection holds, and nobody asks for it any more
    ;(socket.conn as { request: unknown }).request = null
    // a middleware instead of listeners: one function for all events, known or not, and the library's own dispatch is never reached
    socket.use((packet) => gate(live, packet[0], packet.slice(1)))
    socket.conn.on('heartbeat', () => (live.lastHeartbeat = core.now()))
    socket.on('error', (error) => log.warn({ event: 'socket_error', socketId: socket.id, error: error.message }, 'a socket failed'))
    socket.on('disconnecting', (reason) => lifecycle(log, live, 'DISCONNECTING', { reason, rooms: [...socket.rooms] }))
    socket.on('disconnect', (reason) => {
      connections.remove(live)
      presence.left(live, signedOut.has(live) ? 'signedOut' : 'lost')
      lifecycle(log, live, 'DISCONNECTED', { reason, durationMs: core.now() - live.connectedAt, messageCount: live.messageCount })
      if (connections.count() === 0) lastOneLeft()
    })
  })

  const signedOut = new WeakSet<Live>()
  let lastOneLeft = (): void => undefined
  const stopHousekeeping = keepHouse(socketEdge)
  const stopStats = keepStats(log, timing.STATS_EVERY_MS, () => report(socketEdge, engine.clientsCount))

  return {
    handleRequest: (request, response) => {
      // hono and Vite never see these, so the engine may have the whole response
      engine.handleRequest(request, response)
    },
    handleUpgrade: (request, socket, head) => engine.handleUpgrade(request, socket, head),
    publish: (notice) => publishLocally(socketEdge, notice),
    count: () => connections.count(),
    cut: (user, session, code) => {
      for (const live of connections.ofSession(user, session)) {
        signedOut.add(live)
        hangUp(live, code, timing.FAREWELL_FLUSH_MS)
      }
    },
    drop: (user) => {
      for (const live of connections.ofUser(user)) live.socket.conn.close(true)
    },
    report: () => report(socketEdge, engine.clientsCount),

    drain: async (span = { fromMs: timing.DRAIN_RETURN_MIN_MS, toMs: timing.DRAIN_RETURN_MAX_MS }) => {
      draining = true
      if (connections.count() === 0) return
      for (const live of connections.all())
        live.socket.emit('server:farewell', { code: 'DRAIN', reconnectInMs: between(edge.random, span.fromMs, span.toMs) })
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, config.DRAIN_MS)
        lastOneLeft = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    },

    close: async () => {
      draining = true
      stopHousekeeping()
      stopStats()
      // the farewell was said; closing the transport rather than the namespace lets clients come back by themselves
      for (const live of connections.all()) live.socket.conn.close()
      await presence.close()
      await io.close()
    },
  }
}

function welcome(edge: SocketEdge, socket: ChatSocket, verified: Verified): Live {
  const { who, proto, claims, gen, clientInfo } = verified
  const { connections, core, timing } = edge
  const now = core.now()
  const older = connections.ofTab(who.session, who.tab)
  const live: Live = {
    socket,
    who,
    proto,
    clientInfo,
    gen,
    connectedAt: now,
    stage: 'greeting',
    helloParts: [],
    name: null,
    reconnectCount: 0,
    token: { issuedAt: claims.issuedAt, expiresAt: claims.expiresAt, warned: false },
    lastActivity: now,
    lastHeartbeat: now,
    underWay: 0,
    messageCount: 0,
    open: new Set(),
  }
  connections.add(live)
  if (older) hangUp(older, 'REPLACED', timing.FAREWELL_FLUSH_MS)
  return live
}
