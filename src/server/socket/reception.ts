import type { SessionId, UserId } from '#protocol/ids.ts'
import type { Identity, Notice } from '#server/domain/core.ts'
import { openConnection } from '#server/domain/sessions.ts'
import { between, type Edge } from '#server/edge/edge.ts'
import { paced } from '#server/edge/paced.ts'
import { lifecycle } from '#server/observe/lifecycle.ts'
import { makeGate } from './answer.ts'
import { makeConnections, type Connections } from './connections.ts'
import { makeHandshake } from './handshake.ts'
import { keepHouse } from './housekeeping.ts'
import { hangUp, type ChatServer, type ChatSocket, type Live, type Verified } from './live.ts'
import { messageHandlers } from './messageHandlers.ts'
import { makePresenceBook } from './presenceBook.ts'
import { presenceHandlers } from './presenceHandlers.ts'
import { presenceSources } from './presenceSources.ts'
import { publishLocally } from './publish.ts'
import { receiptHandlers } from './receiptHandlers.ts'
import { sessionHandlers } from './sessionHandlers.ts'
import type { SocketEdge } from './socketEdge.ts'
import { syncHandlers } from './syncHandlers.ts'
import { viewHandlers } from './viewHandlers.ts'

export type Reception = {
  connections: Connections
  /** Lets a socket in or refuses it. */
  handshake: (socket: ChatSocket, next: (error?: Error) => void) => void
  /** A socket was let in. Registers all its handlers before it returns. */
  connected: (socket: ChatSocket) => void
  /** Tells the connections of this process what was committed. */
  publish: (notice: Notice) => void
  /** Cuts every connection of a session, after telling it why; others see the person go at once. */
  cut: (user: UserId, session: SessionId, code: 'SIGNED_OUT' | 'DEVICE_REVOKED' | 'BANNED') => void
  /** Tells everybody to come back at some moment of that span; they go on using their connections until they are cut. */
  announceRestart: (span: { fromMs: number; toMs: number }) => void
  /** Resolves when nobody is connected any more, after `ms` at the latest. */
  emptied: (ms: number) => Promise<void>
  close: () => Promise<void>
}

const HANDLERS = { ...sessionHandlers, ...syncHandlers, ...messageHandlers, ...receiptHandlers, ...presenceHandlers, ...viewHandlers }

/** Everything between Socket.IO's connections and the rules: who gets in, what they may ask, what they are told, when they are cut. */
export function openReception(edge: Edge, io: ChatServer, isDraining: () => boolean): Reception {
  const { timing, core, log, after } = edge
  const connections = makeConnections()
  const presence = makePresenceBook<Live>({
    ...presenceSources(core),
    now: core.now,
    after,
    graceMs: timing.PRESENCE_GRACE_MS,
    batchMs: timing.PRESENCE_BATCH_MS,
    // not volatile: a dot must not stay wrong because the line was busy for a moment
    tell: (live, states) => live.socket.emit('presence:changed', { states }),
  })
  const socketEdge: SocketEdge = {
    ...edge,
    io,
    connections,
    presence,
    hellos: { underWay: 0 },
    isDraining,
    openConnection: paced((who: Identity) => openConnection(core, who), after, timing.COUNT_SPACING_MS),
  }
  const gate = makeGate(socketEdge, HANDLERS)
  const signedOut = new WeakSet<Live>()
  let lastOneLeft = (): void => undefined
  const stopHousekeeping = keepHouse(socketEdge)

  return {
    connections,
    handshake: makeHandshake(socketEdge),
    publish: (notice) => publishLocally(socketEdge, notice),

    connected: (socket) => {
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
    },

    cut: (user, session, code) => {
      for (const live of connections.ofSession(user, session)) {
        signedOut.add(live)
        hangUp(edge, live, code)
      }
    },

    announceRestart: ({ fromMs, toMs }) => {
      for (const live of connections.all()) live.socket.emit('server:farewell', { code: 'DRAIN', reconnectInMs: between(edge.random, fromMs, toMs) })
    },

    emptied: (ms) =>
      new Promise((resolve) => {
        const stop = after(ms, resolve)
        lastOneLeft = () => {
          stop()
          resolve()
        }
      }),

    close: () => {
      stopHousekeeping()
      return presence.close()
    },
  }
}

function welcome(edge: SocketEdge, socket: ChatSocket, verified: Verified): Live {
  const { who, proto, claims, gen, dialledAt, clientInfo } = verified
  const { connections, core } = edge
  const now = core.now()
  const older = connections.ofTab(who.session, who.tab)
  const live: Live = {
    socket,
    who,
    proto,
    clientInfo,
    gen,
    dialledAt,
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
  if (older) hangUp(edge, older, 'REPLACED')
  return live
}
