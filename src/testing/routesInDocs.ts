import { readFileSync } from 'node:fs'

/** Every method and path that `docs/protocol.md` lists. */
export function routesInDocs(): { method: string; path: string }[] {
  const page = readFileSync(new URL('../../docs/protocol.md', import.meta.url), 'utf8')
  return [...page.matchAll(/^\| (GET|POST|PATCH|DELETE) \| `(\/[^`]+)` \|/gm)].map(([, method = '', path = '']) => ({ method, path }))
}
