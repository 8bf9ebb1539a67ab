import type { IncomingMessage } from 'node:http'
import * as z from 'zod/mini'
import type { TabId } from '#protocol/ids.ts'
import { FRAME_MAX_BYTES } from '#protocol/limits.ts'
import { refusal } from '#protocol/reply.ts'
import type { Identity } from '#server/domain/core.ts'
import { verifySession } from '#server/domain/sessions.ts'
import { permissionsOf } from '#server/edge/permissions.ts'
import type { HttpContext, HttpEdge } from './httpApp.ts'
import { HttpRefused } from './replies.ts'

/** Requests over HTTP come from no tab in particular. */
const NO_TAB = '00000000-0000-0000-0000-000000000000' as TabId

/** Who is asking, by `Authorization: Bearer`. Ends the request when nobody is. */
export async function identityOf(edge: HttpEdge, c: HttpContext): Promise<Identity> {
  const [scheme, token] = (c.req.header('authorization') ?? '').split(' ')
  if (scheme?.toLowerCase() !== 'bearer' || !token) throw new HttpRefused(refusal('E_AUTH_INVALID'))
  const verdict = edge.tokens.verify(token)
  if (!verdict.ok) throw new HttpRefused(refusal(verdict.code))
  const { user, session: sid, device, tenant } = verdict.claims
  const signedIn = await verifySession(edge.core, sid)
  if (signedIn.session.user !== user) throw new HttpRefused(refusal('E_AUTH_INVALID'))
  c.set('user', user)
  c.set('session', sid)
  return { user, tenant, session: sid, device, tab: NO_TAB, permissions: permissionsOf(edge.config, signedIn.user) }
}

/** The body as JSON of the given shape. Ends the request when it is anything else. */
export async function bodyOf<T>(c: HttpContext, schema: z.ZodMiniType<T>): Promise<T> {
  const text = await textOf(c.env.incoming)
  if (text === undefined) throw new HttpRefused(refusal('E_TOO_BIG'))
  let json: unknown
  try {
    json = text === '' ? {} : JSON.parse(text)
  } catch {
    throw new HttpRefused(refusal('E_INVALID', { detail: 'not JSON' }))
  }
  return shaped(schema, json)
}

/** Somebody who sends this much is not waiting for an answer. */
const HOPELESS_BYTES = 16 * FRAME_MAX_BYTES

/** The body, or undefined when it is longer than any request has a reason to be. */
function textOf(incoming: IncomingMessage): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= FRAME_MAX_BYTES) chunks.push(chunk)
      // answering in the middle of a body resets the line, and the answer is lost with it: read on for a while
      else if (bytes > HOPELESS_BYTES) incoming.destroy()
    })
    incoming.once('end', () => resolve(bytes <= FRAME_MAX_BYTES ? Buffer.concat(chunks).toString('utf8') : undefined))
    incoming.once('error', reject)
    incoming.once('close', () => reject(new HttpRefused(refusal('E_INVALID', { detail: 'body cut short' }))))
  })
}

/** A path or query parameter, or a group of them, of the given shape. */
export function shaped<T>(schema: z.ZodMiniType<T>, value: unknown): T {
  const parsed = z.safeParse(schema, value)
  if (parsed.success) return parsed.data
  const places = parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.map(String).join('.') || 'value'}: ${issue.code}`)
  throw new HttpRefused(refusal('E_INVALID', { detail: places.join(', ').slice(0, 200) }))
}
