import type { Server, Socket } from 'socket.io'
import type { FarewellCode } from '#protocol/codes.ts'
import type { ClientToServerEvents, RequestOf, ServerToClientEvents } from '#protocol/events.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import type { TokenClaims } from '#server/edge/accessToken.ts'
import type { Edge } from '#server/edge/edge.ts'
import type { Identity } from '#server/domain/core.ts'

/** What the handshake established about a socket. */
export type Verified = {
  who: Identity
  proto: number
  claims: TokenClaims
  gen: number
  dialledAt: number | undefined
  clientInfo: { build: string; address: string; userAgent: string }
}

type Nothing = Record<string, never>
export type ChatServer = Server<ClientToServerEvents, ServerToClientEvents, Nothing, { verified?: Verified }>
export type ChatSocket = Socket<ClientToServerEvents, ServerToClientEvents, Nothing, { verified?: Verified }>

/** Everything kept about one open connection. */
export type Live = {
  readonly socket: ChatSocket
  /** Its permissions become others when a guest registers. */
  who: Identity
  readonly proto: number
  readonly clientInfo: Verified['clientInfo']
  readonly gen: number
  readonly dialledAt: number | undefined
  readonly connectedAt: number
  /** greeting: hello is awaited · active: everything may be asked · leaving: the farewell was said */
  stage: 'greeting' | 'active' | 'leaving'
  /** The parts of a hello that comes in several. */
  helloParts: RequestOf<'hello'>['convs'][]
  /** Shown to others; known once hello was answered. */
  name: string | null
  /** How often this tab came back, over all restarts of this server; known once hello was answered. */
  reconnectCount: number
  token: { issuedAt: number; expiresAt: number; warned: boolean }
  lastActivity: number
  lastHeartbeat: number
  /** Requests being worked on. */
  underWay: number
  messageCount: number
  /** Conversations on this tab's screen, in the order they were opened. */
  readonly open: Set<ConversationId>
}

export const userRoom = (user: UserId): string => `user:${user}`
export const deviceRoom = (live: Live): string => `dev:${live.who.device}`
/** Those who have a conversation on screen; decides about typing, never about messages. */
export const viewRoom = (conv: ConversationId): string => `view:${conv}`

/**
 * The last thing said to a connection, then the cut. Whatever was queued before it is still delivered; a peer that does not read is
 * cut a moment later all the same.
 */
export function hangUp({ after, timing }: Pick<Edge, 'after' | 'timing'>, live: Live, code: FarewellCode): void {
  if (live.stage === 'leaving') return
  live.stage = 'leaving'
  const { conn } = live.socket
  live.socket.emit('server:farewell', { code })
  // not socket.disconnect(): that one says "io server disconnect", which clients of this library never come back from
  conn.close()
  after(timing.FAREWELL_FLUSH_MS, () => {
    conn.close(true)
    // a peer that does not read never answers the closing frame either, and would keep its buffers for another half minute
    ;(conn.transport as { socket?: { terminate?: () => void } }).socket?.terminate?.()
  })
}
