import type { HttpBindings } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import { cors } from 'hono/cors'
import { refusal } from '#protocol/reply.ts'
import type { Edge, LiveConnections } from '#server/edge/edge.ts'
import { isOriginAllowed } from '#server/edge/origins.ts'
import { refusalFor } from '#server/edge/refusalFor.ts'
import { HttpRefused, say } from './replies.ts'

/** What HTTP handlers are given. */
export type HttpEdge = Edge & { live: LiveConnections; isDraining: () => boolean; loopLagMs: () => number }

export type HttpApp = Hono<{ Bindings: HttpBindings }>
export type HttpContext = Context<{ Bindings: HttpBindings }>

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'
/** All there is under one path. Another method is answered with 405 and what would be allowed. */
export type Routes = Record<string, Partial<Record<Method, (c: HttpContext) => Promise<Response> | Response>>>

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** The HTTP side: always JSON, every error `{code, message, retryAfterMs?}`. */
export function makeHttpApp(edge: HttpEdge, routes: Routes): HttpApp {
  const app: HttpApp = new Hono()
  const isWelcome = (c: HttpContext): boolean => isOriginAllowed(c.env.incoming, { allowed: edge.config.ORIGINS, peers: edge.peers })

  app.use(async (c, next) => {
    await next()
    c.header('Cache-Control', 'no-store')
    c.header('X-Content-Type-Options', 'nosniff')
  })
  app.use('/api/*', cors({ origin: (origin, c) => (isWelcome(c as HttpContext) ? origin : null), credentials: true, maxAge: 600 }))
  // a page of another site could make the browser send our cookie along; it can't hide where it comes from
  app.use('/api/*', async (c, next) => {
    if (!SAFE.has(c.req.method) && !isWelcome(c)) throw new HttpRefused(refusal('E_FORBIDDEN', { detail: 'origin' }))
    await next()
  })

  for (const [path, methods] of Object.entries(routes)) {
    for (const [method, handle] of Object.entries(methods)) app.on(method, path, handle)
    const allowed = Object.keys(methods).join(', ')
    app.all(path, (c) => {
      c.header('Allow', allowed)
      return say(c, refusal('E_INVALID'), 405)
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
