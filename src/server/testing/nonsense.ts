import fc from 'fast-check'
import type { RequestName } from '#protocol/events.ts'
import { REQUESTS } from '#protocol/requests.ts'
import { routesInDocs } from '#testing/routesInDocs.ts'

/*
 * What nobody should ask, in bulk. The same each time.
 */

const junk = fc.oneof(
  fc.anything({ maxDepth: 2, maxKeys: 4 }),
  fc.record(
    { conv: fc.oneof(fc.constant('lobby'), fc.string()), from: fc.anything(), messages: fc.array(fc.object({ maxDepth: 1 }), { maxLength: 30 }) },
    { requiredKeys: [] },
  ),
  fc.record(
    { conv: fc.constant('__proto__'), token: fc.string(), users: fc.array(fc.string()), t: fc.string(), on: fc.string() },
    { requiredKeys: ['conv', 't'] },
  ),
)

/** As a frame can carry it. */
const asFrame = (payload: unknown): unknown => JSON.parse(JSON.stringify(typeof payload === 'function' ? null : (payload ?? null)) ?? 'null')

/** Up to `count` payloads that are no request of this name. */
export function nonsenseFor(name: RequestName, count: number): unknown[] {
  return fc
    .sample(junk, { numRuns: count, seed: 42 })
    .map(asFrame)
    .filter((payload) => !REQUESTS[name].safeParse(payload).success)
}

export type NonsensicalRequest = { path: string; method: string; body: string }

/** Requests to every path of docs/protocol.md, but for those that would end the session of who asks, with parameters and bodies of any kind. */
export function nonsensicalRequests(user: string, count: number): NonsensicalRequest[] {
  const places: Record<string, string[]> = { id: ['lobby', user, 'x', '..', '%2e%2e', '__proto__'], user: [user, 'x', '%00'] }
  const ends = ['/api/me/delete', '/api/session/logout']
  const paths = [...new Set(routesInDocs().map(({ path }) => path))]
    .filter((path) => !ends.includes(path))
    .flatMap((path) => {
      const [place] = /:(\w+)/.exec(path) ?? []
      return place === undefined ? [path] : (places[place.slice(1)] ?? ['x']).map((value) => path.replace(place, value).replaceAll(/:\w+/g, 'y'))
    })
  const more = fc.oneof(
    fc.constant(''),
    fc.webPath(),
    fc.webQueryParameters().map((query) => `?${query}`),
  )
  const request = fc.record({
    path: fc.tuple(fc.constantFrom(...paths), more).map((parts) => parts.join('')),
    method: fc.constantFrom('GET', 'POST', 'PATCH', 'DELETE', 'PUT'),
    body: fc.oneof(fc.json(), fc.string(), fc.constant('{"__proto__":{"x":1}}')),
  })
  return fc.sample(request, { numRuns: count, seed: 7 })
}
