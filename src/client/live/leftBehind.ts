import type { ZodMiniType } from 'zod/mini'

export type Local = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/**
 * A list that a page leaves to the next ones of its browser, written without waiting: transactions end with their page. Always empty where the
 * browser keeps nothing, or where something else lies there.
 */
export function openLeftBehind<T>(local: () => Local, key: string, schema: ZodMiniType<readonly unknown[]>) {
  return {
    read: (): T[] => {
      try {
        const left = schema.safeParse(JSON.parse(local().getItem(key) ?? '[]'))
        return left.success ? (left.data as T[]) : []
      } catch {
        return []
      }
    },
    write: (left: readonly T[]): void => {
      try {
        if (left.length > 0) local().setItem(key, JSON.stringify(left))
        else local().removeItem(key)
      } catch {
        // A browser without any storage: the page asks before it goes away.
      }
    },
  }
}
