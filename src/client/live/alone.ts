import type { Clock, Locks } from './ports.ts'

/**
 * Resolves with the end of it once no other tab does what this lock stands for. A tab that is frozen keeps its locks: nobody waits longer than
 * `timeoutMs`. Where there are no locks nobody waits at all.
 */
export function alone(name: string, { locks, clock, timeoutMs }: { locks: Locks | undefined; clock: Clock; timeoutMs: number }): Promise<() => void> {
  if (!locks) return Promise.resolve(() => {})
  return new Promise((resolve) => {
    const end = () => {
      stop()
      release()
    }
    const release = locks.hold(name, { taken: () => resolve(end), stolen: () => {} })
    const stop = clock.after(timeoutMs, () => resolve(end))
  })
}
