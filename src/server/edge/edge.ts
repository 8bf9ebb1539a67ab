import type { SessionId, UserId } from '#protocol/ids.ts'
import type { Permission } from '#protocol/session.ts'
import type { Config } from '#server/config.ts'
import type { Core } from '#server/domain/core.ts'
import type { Log } from '#server/observe/log.ts'
import type { AccessTokens } from './accessToken.ts'
import type { Peers } from './address.ts'
import type { Limits } from './limits.ts'
import type { Timing } from './timing.ts'

/** What both doors, sockets and HTTP, are built with. */
export type Edge = {
  core: Core
  config: Config
  timing: Timing
  log: Log
  tokens: AccessTokens
  limits: Limits
  peers: Peers
  /** Chance in [0, 1). */
  random: () => number
  after: After
}

/** Runs `run` once, `ms` from now; returns its cancel. Nothing that is still to come keeps the process alive. */
export type After = (ms: number, run: () => void) => () => void

/** What HTTP may know of and do to live connections. */
export type LiveConnections = {
  count: () => number
  isConnected: (user: UserId, session: SessionId) => boolean
  /** Cuts every connection of a session, after telling it why; others see the person go at once. */
  cut: (user: UserId, session: SessionId, code: 'SIGNED_OUT' | 'DEVICE_REVOKED' | 'BANNED') => void
  /** Cuts every connection of a person as a failing line would: without a word. For tests and fault drills. */
  drop: (user: UserId) => void
  report: () => SocketsReport
}

/** One live connection, as operators see it. Times are milliseconds since the epoch. */
export type ConnectionReport = {
  socketId: string
  user: { id: UserId; name: string | null }
  tenantId: string
  deviceId: string
  sessionId: string
  permissions: readonly Permission[]
  isAuthenticated: true
  /** False between its hello being awaited and its answer. */
  isActive: boolean
  isAlive: boolean
  connectedAt: number
  lastActivity: number
  lastHeartbeat: number
  connectionAttempts: number
  reconnectCount: number
  lastReconnectTime: number | null
  messageCount: number
  connectionType: string
  readyState: string
  rooms: string[]
  /** The conversation opened last and still open. */
  currentRoom: string | null
  clientInfo: { build: string; address: string; userAgent: string }
}

export type SocketsReport = {
  totalSockets: number
  engineClients: number
  authenticated: number
  /** Heard from within the last minute. */
  active: number
  users: number
  totalRooms: number
  rooms: Record<string, number>
  connections: ConnectionReport[]
}

/** A whole number in [from, to). */
export const between = (random: () => number, from: number, to: number): number => Math.floor(from + random() * (to - from))
