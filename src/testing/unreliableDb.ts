import { openMemoryDb, type Db } from '#client/live/db.ts'
import type { Clock } from '#client/live/ports.ts'

/**
 * A database as browsers have it: it takes its time, one transaction after another; a transaction may be aborted at its end with nothing
 * kept; and somebody may delete it while pages are open.
 *
 * @param lagMs how long the next transaction takes, half before and half after it sees the rows
 * @param aborts whether the next transaction fails. `strict` ones are those that keep what was written.
 */
export function unreliableDb(clock: Clock, { lagMs, aborts }: { lagMs: () => number; aborts: (strict: boolean) => boolean }) {
  let inner = openMemoryDb()
  let last: Promise<unknown> = Promise.resolve()
  let waiting = 0
  let mostWaiting = 0
  const rest = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve))

  async function run<T>(work: Parameters<Db['transact']>[0], strict: boolean): Promise<T> {
    const ms = lagMs()
    const fails = aborts(strict)
    if (ms > 0) await rest(ms / 2)
    const result = await inner.transact(async (tx) => {
      const worked = await work(tx)
      if (fails) throw new DOMException('no room', 'QuotaExceededError')
      return worked
    })
    if (ms > 0) await rest(ms / 2)
    return result as T
  }

  const db: Db = {
    transact: (work, more) => {
      mostWaiting = Math.max(mostWaiting, ++waiting)
      const mine = last.then(() => run<never>(work, more?.strict ?? false)).finally(() => waiting--)
      last = mine.catch(() => {})
      return mine
    },
    isShared: () => true,
    close: () => {},
  }
  return {
    db,
    /** All that it was asked for is done. */
    isIdle: () => waiting === 0,
    /** How many transactions it had to do at most at one moment. */
    mostWaiting: () => mostWaiting,
    /** What is in it now, without its troubles. */
    kept: () => inner,
    wipe: () => {
      inner = openMemoryDb()
    },
  }
}

/** What a page has whose browser gives it no database: its own memory, which nothing written may rely on. */
export function memoryOfOnePage(): Db {
  const inner = openMemoryDb()
  return {
    ...inner,
    isShared: () => false,
    transact: (work, more) => (more?.strict ? Promise.reject(new DOMException('no IndexedDB', 'NotFoundError')) : inner.transact(work)),
  }
}
