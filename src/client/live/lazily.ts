import { refusal } from '#protocol/reply.ts'
import { loadedOnce } from './loadedOnce.ts'

type Call = (...given: unknown[]) => Promise<unknown>

/**
 * An object of questions that no first screen asks: it is loaded when it is asked for first. Whoever can't load it can't reach the server
 * either, and is told so.
 */
export function lazily<T extends object>(load: () => Promise<T>): T {
  const calls: Record<string, Call> = {}
  const part = loadedOnce(load)
  const lazy =
    (name: string): Call =>
    (...given) =>
      part().then(
        (loaded) => (loaded as Record<string, Call>)[name]!(...given),
        () => refusal('E_TIMEOUT'),
      )
  // The same function each time, as for any object.
  return new Proxy(calls, { get: (_, name: string) => (calls[name] ??= lazy(name)) }) as unknown as T
}
