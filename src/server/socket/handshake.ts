import type { Code } from '#protocol/codes.ts'
import type { SessionId } from '#protocol/ids.ts'
import type { Refusal } from '#protocol/reply.ts'
import { Handshake } from '#protocol/session.ts'
import { negotiate, PROTOCOL } from '#protocol/version.ts'
import { verifySession } from '#server/domain/sessions.ts'
import { between } from '#server/edge/edge.ts'
import { permissionsOf } from '#server/edge/permissions.ts'
import { refusalFor } from '#server/edge/refusalFor.ts'
import { lifecycle } from '#server/observe/lifecycle.ts'
import type { ChatSocket, Verified } from './live.ts'
import type { SocketEdge } from './socketEdge.ts'

/** `err.data` of a refused CONNECT. */
export type HandshakeRefusal = { code: Code; retryAfterMs?: number; protoMin?: number; protoMax?: number; reload?: boolean }

class HandshakeRefused extends Error {
  readonly data: HandshakeRefusal
  constructor(data: HandshakeRefusal) {
    super(data.code)
    this.data = data
  }
}

const USER_AGENT_MAX = 200

const dataOf = ({ code, retryAfterMs }: Refusal): HandshakeRefusal => ({ code, ...(retryAfterMs !== undefined && { retryAfterMs }) })

/** Lets a socket in, or refuses it with a code. Nothing of it exists before. */
export function makeHandshake(edge: SocketEdge): (socket: ChatSocket, next: (error?: Error) => void) => void {
  return (socket, next) => {
    lifecycle(edge.log, { socket }, 'CONNECTED', { transport: socket.conn.transport.name })
    verify(edge, socket).then(
      (verified) => {
        socket.data.verified = verified
        lifecycle(edge.log, { socket, who: verified.who }, 'AUTHENTICATED')
        next()
      },
      (error: unknown) => {
        const refused =
          error instanceof HandshakeRefused
            ? error
            : new HandshakeRefused(dataOf(refusalFor(error, { name: 'handshake' }, { log: edge.log, newId: edge.core.newId })))
        lifecycle(edge.log, { socket }, 'REFUSED', { code: refused.data.code })
        next(refused)
      },
    )
  }
}

async function verify(edge: SocketEdge, socket: ChatSocket): Promise<Verified> {
  const { timing, random } = edge
  if (edge.isDraining())
    throw new HandshakeRefused({ code: 'E_BUSY', retryAfterMs: between(random, timing.DRAIN_RETURN_MIN_MS, timing.DRAIN_RETURN_MAX_MS) })

  const address = edge.peers.addressOf(socket.request)
  const auth = Handshake.safeParse(socket.handshake.auth)
  // the version first: a page too old may well have another shape in everything else
  const offered = Handshake.shape.proto.safeParse((socket.handshake.auth as { proto?: unknown }).proto)
  const proto = offered.success ? negotiate(PROTOCOL, offered.data) : undefined
  if (proto === undefined) throw new HandshakeRefused({ code: 'E_PROTO', protoMin: PROTOCOL.min, protoMax: PROTOCOL.max, reload: true })

  const verdict = auth.success ? edge.tokens.verify(auth.data.token) : undefined
  const waitMs = await edge.limits.takeDial(address, verdict?.ok ? verdict.claims.session : '')
  if (waitMs > 0) throw new HandshakeRefused({ code: 'E_RATE', retryAfterMs: waitMs })
  if (!auth.success) throw new HandshakeRefused({ code: 'E_INVALID' })
  if (!verdict?.ok) throw new HandshakeRefused({ code: verdict?.code ?? 'E_AUTH_INVALID' })

  const { claims } = verdict
  if (claims.device !== auth.data.deviceId) throw new HandshakeRefused({ code: 'E_AUTH_INVALID' })
  const { user, session } = await verifySession(edge.core, claims.session)
  if (session.user !== claims.user) throw new HandshakeRefused({ code: 'E_AUTH_INVALID' })
  if (isOvertaken(edge, claims.session, auth.data)) throw new HandshakeRefused({ code: 'E_BUSY', retryAfterMs: timing.OVERTAKEN_RETURN_MS })

  return {
    who: {
      user: claims.user,
      tenant: claims.tenant,
      session: claims.session,
      device: claims.device,
      tab: auth.data.tabId,
      permissions: permissionsOf(edge.config, user),
    },
    proto,
    claims,
    gen: auth.data.gen,
    dialledAt: auth.data.dialledAt,
    clientInfo: { build: auth.data.build, address, userAgent: (socket.handshake.headers['user-agent'] ?? '').slice(0, USER_AGENT_MAX) },
  }
}

/**
 * The tab dialled anew while this attempt was held up on its way: nobody listens at its other end any more, and it must not take the place
 * of the one that is in use. A tab whose clock was set back comes again, and is let in once the connection of before is known to be dead.
 */
function isOvertaken({ connections, timing }: SocketEdge, session: SessionId, { tabId, dialledAt }: Handshake): boolean {
  const present = connections.ofTab(session, tabId)?.dialledAt
  const behindMs = present === undefined || dialledAt === undefined ? 0 : present - dialledAt
  return behindMs > 0 && behindMs < timing.OVERTAKEN_WITHIN_MS
}
