import type { Identity } from '#server/domain/core.ts'
import type { openConnection } from '#server/domain/sessions.ts'
import type { Edge } from '#server/edge/edge.ts'
import type { Connections } from './connections.ts'
import type { ChatServer, Live } from './live.ts'
import type { PresenceBook } from './presenceBook.ts'

/** What the handlers of socket requests are given. */
export type SocketEdge = Edge & {
  io: ChatServer
  connections: Connections
  presence: PresenceBook<Live>
  /** Hellos being answered right now, over all connections. */
  hellos: { underWay: number }
  isDraining: () => boolean
  /** Counts a connection; several at once share a commit. */
  openConnection: (who: Identity) => ReturnType<typeof openConnection>
}
