import { refusal } from '#protocol/reply.ts'
import type { Api } from './client.ts'
import type { Session } from './session.ts'

type Call = (...given: unknown[]) => Promise<unknown>

/** No first screen asks for any of it: it is loaded when it is asked for first. Whoever can't load it can't reach the server either. */
export function lazyApi(ask: Session['ask']): Api {
  const calls: Record<string, Call> = {}
  const lazily =
    (name: string): Call =>
    (...given) =>
      import('./api.ts').then(
        ({ openApi }) => (openApi(ask) as unknown as Record<string, Call>)[name]!(...given),
        () => refusal('E_TIMEOUT'),
      )
  // The same function each time, as for any object.
  return new Proxy(calls, { get: (_, name: string) => (calls[name] ??= lazily(name)) }) as unknown as Api
}
