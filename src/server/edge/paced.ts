import type { After } from './edge.ts'

/**
 * Lets calls that come in a rush go in groups: the first goes at once, those that follow wait together, and no group starts sooner
 * than `spacingMs` after the one before has finished. For work whose cost is shared by whatever runs at the same time, as a commit is.
 */
export function paced<A extends unknown[], T>(call: (...args: A) => Promise<T>, after: After, spacingMs: number): (...args: A) => Promise<T> {
  let waiting: (() => Promise<unknown>)[] = []
  let resting = false

  const go = (): void => {
    if (resting || waiting.length === 0) return
    resting = true
    const group = waiting
    waiting = []
    void Promise.allSettled(group.map((start) => start())).then(() =>
      after(spacingMs, () => {
        resting = false
        go()
      }),
    )
  }

  return (...args) =>
    new Promise<T>((resolve, reject) => {
      waiting.push(() => call(...args).then(resolve, reject))
      go()
    })
}
