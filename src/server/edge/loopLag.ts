import type { After } from './edge.ts'
import { every } from './every.ts'

/** How late this process comes to what is due. */
export type LoopLag = { ms: () => number; close: () => void }

/**
 * Looks every `everyMs` how late it is, by a clock that is never set. While the loop stands still nobody can ask, so the lateness of one
 * look counts until the next; one that is overdue counts as well, because whoever asks may come before it.
 */
export function watchLoop({ after, monotonic, everyMs }: { after: After; monotonic: () => number; everyMs: number }): LoopLag {
  let dueAt = monotonic() + everyMs
  let last = 0
  const close = every(after, everyMs, () => {
    const now = monotonic()
    last = Math.max(0, now - dueAt)
    dueAt = now + everyMs
  })
  return { ms: () => Math.max(last, monotonic() - dueAt), close }
}
