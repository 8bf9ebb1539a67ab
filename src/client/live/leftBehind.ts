import type { ZodMiniType } from 'zod/mini'
import { readable } from './storage.ts'

export type Local = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/**
 * What a page leaves to the next ones of its browser, written without waiting: transactions end with their page. Each thing lies under a key of
 * its own, `key:name`, because pages that go at once do not hear of each other: what they would change together, one of them would undo.
 * Nothing lies there where the browser keeps nothing, or something else.
 */
export function openLeftBehind<T>(local: () => Local, key: string, schema: ZodMiniType, nameOf: (thing: T) => string) {
  const readAt = (place: string) => attempt(() => readable(schema, [JSON.parse(local().getItem(place)!)]) as T[]) ?? []

  return {
    put: (thing: T) => attempt(() => local().setItem(`${key}:${nameOf(thing)}`, JSON.stringify(thing))),
    remove: (name: string) => attempt(() => local().removeItem(`${key}:${name}`)),
    /** In no order. */
    read: (): T[] => {
      const places = attempt(() => Object.keys(local())) ?? []
      return places.filter((place) => place.startsWith(`${key}:`)).flatMap(readAt)
    },
  }
}

/** undefined in a browser without any storage: there the page asks before it goes away. */
export function attempt<R>(work: () => R): R | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
