import type { IncomingMessage } from 'node:http'
import type { Peers } from './address.ts'

/**
 * May a page of this origin talk to us? Its own origin always, others by the allow-list. Requests without an origin do not come from
 * a page of another site (browsers name it on every such request that could do harm) and are welcome.
 */
export function isOriginAllowed(request: IncomingMessage, parts: { allowed: readonly string[]; peers: Peers }): boolean {
  const origin = request.headers.origin
  if (origin === undefined) return true
  if (parts.allowed.includes(origin)) return true
  return URL.canParse(origin) && new URL(origin).host === parts.peers.hostOf(request)
}
