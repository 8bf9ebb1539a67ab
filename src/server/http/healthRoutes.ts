import { createHash, timingSafeEqual } from 'node:crypto'
import { refusal } from '#protocol/reply.ts'
import { isLoopbackHost } from '#server/edge/address.ts'
import { healthOf } from '#server/observe/health.ts'
import type { HttpContext, HttpEdge, Routes } from './httpApp.ts'
import { HttpRefused, say } from './replies.ts'

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

const hasOperatorToken = ({ config: { OPERATOR_TOKEN } }: HttpEdge, c: HttpContext): boolean =>
  OPERATOR_TOKEN !== undefined && timingSafeEqual(digest(c.req.header('authorization') ?? ''), digest(`Bearer ${OPERATOR_TOKEN}`))

/** Only the bearer of the operator token gets in: where none is set, nobody. */
export function demandOperatorToken(edge: HttpEdge, c: HttpContext): void {
  if (!hasOperatorToken(edge, c)) throw new HttpRefused(refusal('E_AUTH_INVALID'))
}

/** As `demandOperatorToken`; where no token is set, this machine may look as well. */
function demandOperator(edge: HttpEdge, c: HttpContext): void {
  const isHere = edge.config.OPERATOR_TOKEN === undefined && isLoopbackHost(edge.peers.addressOf(c.env.incoming))
  if (!isHere) demandOperatorToken(edge, c)
}

export const healthRoutes = (edge: HttpEdge): Routes => ({
  '/health': {
    GET: (c) => c.json(healthOf({ draining: edge.isDraining(), connectedSockets: edge.live.count(), loopLagMs: edge.loopLagMs() })),
  },
  '/health/ready': {
    GET: async (c) => {
      if (edge.isDraining()) return say(c, refusal('E_BUSY', { detail: 'draining' }))
      if (edge.loopLagMs() > edge.timing.LOOP_LAG_MAX_MS) return say(c, refusal('E_BUSY', { detail: 'behind' }))
      await edge.core.store.check()
      return c.json({ status: 'ready', database: 'ok', draining: false })
    },
  },
  '/health/sockets': {
    GET: (c) => {
      demandOperator(edge, c)
      return c.json(edge.live.report())
    },
  },
})
