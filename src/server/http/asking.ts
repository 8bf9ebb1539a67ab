import * as z from 'zod/mini'
import type { TabId } from '#protocol/ids.ts'
import { refusal } from '#protocol/reply.ts'
import type { Identity } from '#server/domain/core.ts'
import type { HttpContext, HttpEdge } from './httpApp.ts'
import { HttpRefused } from './replies.ts'

/** Requests over HTTP come from no tab in particular. */
const NO_TAB = '00000000-0000-0000-0000-000000000000' as TabId

/** Who is asking, by `Authorization: Bearer`. Ends the request when nobody is. */
export async function identityOf(edge: HttpEdge, c: HttpContext): Promise<Identity> {
  const [scheme, token] = (c.req.header('authorization') ?? '').split(' ')
  if (scheme?.toLowerCase() !== 'bearer' || !token) throw new HttpRefused(refusal('E_AUTH_INVALID'))
  const verdict = await edge.tokens.verify(token)
  if (!verdict.ok) throw new HttpRefused(refusal(verdict.code))
  const { user, session: sid, device, tenant } = verdict.claims
  const session = await edge.core.store.read((tx) => tx.session(sid))
  if (!session || session.user !== user || session.expiresAt <= edge.core.now()) throw new HttpRefused(refusal('E_AUTH_INVALID'))
  if (session.revokedAt !== null) throw new HttpRefused(refusal('E_DEVICE_REVOKED'))
  return { user, tenant, session: sid, device, tab: NO_TAB, permissions: edge.config.GUEST_PERMISSIONS }
}

/** The body as JSON of the given shape. Ends the request when it is anything else. */
export async function bodyOf<T>(c: HttpContext, schema: z.ZodMiniType<T>): Promise<T> {
  const text = await c.req.text()
  let json: unknown
  try {
    json = text === '' ? {} : JSON.parse(text)
  } catch {
    throw new HttpRefused(refusal('E_INVALID', { detail: 'not JSON' }))
  }
  return shaped(schema, json)
}

/** A path or query parameter, or a group of them, of the given shape. */
export function shaped<T>(schema: z.ZodMiniType<T>, value: unknown): T {
  const parsed = z.safeParse(schema, value)
  if (parsed.success) return parsed.data
  const places = parsed.error.issues.slice(0, 3).map((issue) => `${issue.path.map(String).join('.') || 'value'}: ${issue.code}`)
  throw new HttpRefused(refusal('E_INVALID', { detail: places.join(', ').slice(0, 200) }))
}
