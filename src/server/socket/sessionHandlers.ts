import { isStop } from '#protocol/codes.ts'
import { BATCH_MAX, BODY_MAX_BYTES, PAGE_MAX } from '#protocol/limits.ts'
import { refusal } from '#protocol/reply.ts'
import { headsFor } from '#server/domain/catchUp.ts'
import { meOf } from '#server/domain/people.ts'
import { between } from '#server/edge/edge.ts'
import { lifecycle } from '#server/observe/lifecycle.ts'
import { Refused, StorageError } from '#server/storage/store.ts'
import type { Handlers } from './answer.ts'
import { deviceRoom, hangUp, userRoom, type Live } from './live.ts'
import type { SocketEdge } from './socketEdge.ts'

/** Parts of one hello: more conversations than anybody has. */
const HELLO_PARTS_MAX = 10

export const sessionHandlers: Handlers<'hello:part' | 'hello' | 'session:refresh' | 'probe'> = {
  'hello:part': (_, live, { convs }) => {
    if (live.stage !== 'greeting') return refusal('E_INVALID')
    if (live.helloParts.length >= HELLO_PARTS_MAX) return refusal('E_TOO_BIG')
    live.helloParts.push(convs)
    return {}
  },

  hello: async (edge, live, request) => {
    const { core, random, timing } = edge
    if (edge.hellos.underWay >= timing.HELLOS_AT_ONCE)
      return refusal('E_BUSY', { retryAfterMs: between(random, timing.BUSY_RETRY_MIN_MS, timing.BUSY_RETRY_MAX_MS) })
    edge.hellos.underWay += 1
    try {
      const convs = Object.assign({}, ...live.helloParts, request.convs) as typeof request.convs
      live.helloParts = []
      // listen first, then look: what is committed in between arrives as a push instead of falling through
      void live.socket.join([userRoom(live.who.user), deviceRoom(live)])
      const [connection, heads] = await Promise.all([connectionOf(edge, live), headsFor(core, live.who, { convs })])
      // gone while the database was asked: nobody is here
      if (!live.socket.connected) return refusal('E_NO_SESSION')
      live.name = connection.me.name
      live.reconnectCount = connection.reconnectCount
      if (live.stage === 'greeting') {
        live.stage = 'active'
        edge.presence.arrived(live, live.who.user)
        lifecycle(edge.log, live, 'ACTIVE', { isReconnection: connection.isReconnection, reconnectCount: connection.reconnectCount })
      }
      return {
        proto: live.proto,
        epoch: core.store.epoch,
        connId: live.socket.id,
        sessionId: live.who.session,
        deviceId: live.who.device,
        now: core.now(),
        user: { ...connection.me, permissions: [...live.who.permissions] },
        isReconnection: connection.isReconnection,
        reconnectCount: connection.reconnectCount,
        tokenExpiresInMs: Math.max(0, live.token.expiresAt - core.now()),
        limits: { maxBodyBytes: BODY_MAX_BYTES, maxBatch: BATCH_MAX, pageMax: PAGE_MAX },
        ...heads,
      }
    } finally {
      edge.hellos.underWay -= 1
    }
  },

  'session:refresh': async (edge, live, { token }) => {
    const verdict = edge.tokens.verify(token)
    if (!verdict.ok) return refusal(verdict.code)
    const { claims } = verdict
    if (claims.session !== live.who.session || claims.user !== live.who.user || claims.device !== live.who.device) return refusal('E_AUTH_INVALID')
    if (claims.expiresAt > live.token.expiresAt) live.token = { issuedAt: claims.issuedAt, expiresAt: claims.expiresAt, warned: false }
    return { expiresInMs: live.token.expiresAt - edge.core.now() }
  },

  probe: (edge, _live, { t }) => ({ t, now: edge.core.now() }),
}

/** Counts this connection, once, however often it says hello. */
async function connectionOf(edge: SocketEdge, live: Live): ReturnType<SocketEdge['openConnection']> {
  if (live.stage === 'greeting') {
    return edge.openConnection(live.who).catch(async (error: unknown) => {
      // A database that takes nothing any more can still be read: better uncounted than shut out.
      if (error instanceof StorageError) return { me: await meOf(edge.core, live.who), isReconnection: false, reconnectCount: 0 }
      // signed out between the handshake and now
      if (error instanceof Refused && isStop(error.code)) hangUp(edge, live, 'DEVICE_REVOKED')
      throw error
    })
  }
  return { me: await meOf(edge.core, live.who), isReconnection: live.reconnectCount > 0, reconnectCount: live.reconnectCount }
}
