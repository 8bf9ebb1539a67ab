import type { HttpBindings } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import { cors } from 'hono/cors'
import type { Code } from '#protocol/codes.ts'
import type { SessionId, UserId } from '#protocol/ids.ts'
import { refusal } from '#protocol/reply.ts'
import type { Edge, LiveConnections } from '#server/edge/edge.ts'
import { isOriginAllowed } from '#server/edge/origins.ts'
import type { Passwords } from '#server/edge/passwords.ts'
import type { RefreshTokens } from '#server/edge/refreshTokens.ts'
import { refusalFor } from '#server/edge/refusalFor.ts'
import { HttpRefused, say } from './replies.ts'

/** What HTTP handlers are given. */
export type HttpEdge = Edge & {
  passwords: Passwords
  refreshTokens: RefreshTokens
  live: LiveConnections
  isDraining: () => boolean
  loopLagMs: () => number
}

/** What is known of a request once it was answered, for the log: who asked, and what they were refused with. */
type Known = { user?: UserId; session?: SessionId; refusedWith?: Code }
type Env = { Bindings: HttpBindings; Variables: Known }
export type HttpApp = Hono<Env>
export type HttpContext = Context<Env>

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
/** All there is under one path. Another method is answered with 405 and what would be allowed. */
export type Routes = Record<string, Partial<Record<Method, (c: HttpContext) => Promise<Response> | Response>>>

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])
/** Everything here decides who gets in or stays in. */
const DECIDES = /^\/api\/(session|me\/(account|password|passkeys|delete)|devices|operator)\b/

/** The HTTP side: JSON but for pictures, every error `{code, message, retryAfterMs?}`. */
export function makeHttpApp(edge: HttpEdge, routes: Routes): HttpApp {
  const app: HttpApp = new Hono()
  const isWelcome = (c: HttpContext): boolean => isOriginAllowed(c.env.incoming, { allowed: edge.config.ORIGINS, peers: edge.peers })

  app.use(async (c, next) => {
    await next()
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store')
    c.header('X-Content-Type-Options', 'nosniff')
  })
  app.use('/api/*', cors({ origin: (origin, c) => (isWelcome(c as HttpContext) ? origin : null), credentials: true, maxAge: 600 }))
  // a page of another site could make the browser send our cookie along; it can't hide where it comes from
  app.use('/api/*', async (c, next) => {
    if (!SAFE.has(c.req.method) && !isWelcome(c)) throw new HttpRefused(refusal('E_FORBIDDEN', { detail: 'origin' }))
    await next()
  })

  app.use('/api/*', async (c, next) => {
    await next()
    if (SAFE.has(c.req.method) || !DECIDES.test(c.req.path)) return
    const { user, session, refusedWith } = c.var
    const about = {
      event: 'auth',
      asked: `${c.req.method} ${c.req.path}`,
      address: edge.peers.addressOf(c.env.incoming),
      user,
      session,
      outcome: refusedWith ?? 'ok',
    }
    edge.log.info(about, 'auth')
  })

  for (const [path, methods] of Object.entries(routes)) {
    for (const [method, handle] of Object.entries(methods)) app.on(method, path, handle)
    const allowed = Object.keys(methods).join(', ')
    app.all(path, (c) => {
      c.header('Allow', allowed)
      return say(c, refusal('E_INVALID'), { status: 405 })
    })
  }

  app.notFound((c) => say(c, refusal('E_NOT_FOUND')))
  app.onError((error, c) =>
    say(
      c,
      error instanceof HttpRefused
        ? error.refusal
        : refusalFor(error, { name: `${c.req.method} ${c.req.path}` }, { log: edge.log, newId: edge.core.newId }),
    ),
  )
  return app
}
