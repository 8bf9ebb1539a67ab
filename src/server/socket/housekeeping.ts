import { every } from '#server/edge/every.ts'
import { lifecycle } from '#server/observe/lifecycle.ts'
import { hangUp, type Live } from './live.ts'
import type { SocketEdge } from './socketEdge.ts'
import { isSlowReader } from './unread.ts'

/** Looks after all connections with one timer instead of several for each. Returns its end. */
export function keepHouse(edge: SocketEdge): () => void {
  const { timing, config } = edge
  // two heartbeats may be missed whatever was set, before anybody counts as a ghost
  const staleAfterMs = Math.max(timing.STALE_AFTER_MS, 2 * (config.PING_INTERVAL_MS + config.PING_TIMEOUT_MS))
  const stopOften = every(edge.after, timing.HOUSEKEEPING_MS, () => {
    const now = edge.core.now()
    for (const live of edge.connections.all()) {
      watchToken(edge, live, now)
      if (isSlowReader(live.socket)) hangUp(edge, live, 'SLOW')
    }
  })

  const stopSeldom = every(edge.after, staleAfterMs, () => {
    const before = edge.core.now() - staleAfterMs
    for (const live of edge.connections.all()) {
      if (live.lastHeartbeat >= before && live.socket.connected) continue
      lifecycle(edge.log, live, 'STALE')
      live.socket.conn.close(true)
      edge.presence.left(live, 'lost')
      edge.connections.remove(live)
    }
  })

  return () => {
    stopOften()
    stopSeldom()
  }
}

function watchToken(edge: SocketEdge, live: Live, now: number): void {
  const { token } = live
  const lifeMs = token.expiresAt - token.issuedAt
  if (now >= token.expiresAt + Math.min(edge.timing.EXPIRED_GRACE_MS, lifeMs)) hangUp(edge, live, 'AUTH_EXPIRED')
  else if (!token.warned && live.stage === 'active' && now >= token.expiresAt - Math.min(edge.timing.EXPIRING_BEFORE_MS, lifeMs / 3)) {
    token.warned = true
    live.socket.emit('session:expiring', { expiresInMs: Math.max(0, token.expiresAt - now) })
  }
}
