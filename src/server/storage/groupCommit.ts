import type { Database } from './sqliteDriver.ts'
import { StorageError, type StoreStats, type Tx } from './store.ts'

/** Transactions that may share one commit. More wait for the next turn of the loop, so that sockets and timers get theirs. */
const GROUP_MAX = 128

type Job = { run: () => Promise<unknown>; resolve: (value: never) => void; reject: (error: unknown) => void }

export type GroupCommit = {
  transact: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>
  /** Resolves at once unless a commit is under way. */
  settled: () => Promise<void>
  /** Lets everything that waits commit; afterwards nothing more is accepted. */
  close: () => Promise<void>
  stats: StoreStats
}

/**
 * Lets transactions that arrive in the same turn of the event loop share one commit, because a commit costs an fsync and a row costs
 * next to nothing. A promise settles only after the commit.
 *
 * Each stands or falls alone. Savepoints would see to that, but with one open SQLite copies every page before its first change, which
 * is much of what a message costs. So a group runs bare; when a work fails after it changed something, which is rare, all is undone
 * and the group runs again, each work in a savepoint of its own.
 *
 * The works await nothing but `tx`, whose answers are immediate; so from BEGIN to COMMIT only microtasks run.
 */
export function openGroupCommit(db: Database, tx: Tx): GroupCommit {
  const stats: StoreStats = { transactions: 0, commits: 0 }
  const waiting: Job[] = []
  let underWay: Promise<void> | undefined
  let scheduled = false
  let closed = false

  function schedule() {
    if (scheduled || waiting.length === 0) return
    scheduled = true
    setImmediate(() => {
      underWay = drain(waiting.splice(0, GROUP_MAX)).finally(() => {
        underWay = undefined
        scheduled = false
        schedule()
      })
    })
  }

  async function drain(group: Job[]) {
    let outcomes: (() => void)[] | undefined
    try {
      outcomes = (await attempt(group, runBare)) ?? (await attempt(group, runGuarded))
    } catch (error) {
      // The engine gave up, so nothing of this group exists, whatever each work thought.
      if (db.inTransaction()) db.exec('ROLLBACK')
      const failure = error instanceof StorageError ? error : new StorageError('broken', error)
      for (const job of group) job.reject(failure)
      return
    }
    stats.transactions += group.length
    stats.commits++
    for (const settle of outcomes ?? []) settle()
  }

  /** Runs and commits the group; answers how to settle each job, or undefined when all was undone for the sake of one. */
  async function attempt(group: Job[], run: (job: Job) => Promise<(() => void) | undefined>): Promise<(() => void)[] | undefined> {
    const outcomes: (() => void)[] = []
    db.exec('BEGIN IMMEDIATE')
    for (const job of group) {
      const outcome = await run(job)
      if (!outcome) {
        db.exec('ROLLBACK')
        return undefined
      }
      outcomes.push(outcome)
    }
    db.exec('COMMIT')
    return outcomes
  }

  async function runBare(job: Job): Promise<(() => void) | undefined> {
    const changes = db.changes()
    try {
      const value = await job.run()
      return () => job.resolve(value as never)
    } catch (error) {
      rethrowIfLost(error)
      return db.changes() === changes ? () => job.reject(error) : undefined
    }
  }

  async function runGuarded(job: Job): Promise<() => void> {
    db.exec('SAVEPOINT work')
    try {
      const value = await job.run()
      db.exec('RELEASE work')
      return () => job.resolve(value as never)
    } catch (error) {
      rethrowIfLost(error)
      db.exec('ROLLBACK TO work; RELEASE work')
      return () => job.reject(error)
    }
  }

  function rethrowIfLost(error: unknown) {
    if (error instanceof StorageError || !db.inTransaction()) throw error
  }

  async function settled() {
    while (underWay) await underWay
  }

  return {
    stats,
    settled,
    transact: (work) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new StorageError('broken', new Error('closed')))
        waiting.push({ run: () => work(tx), resolve, reject })
        schedule()
      }),
    async close() {
      closed = true
      while (waiting.length > 0 || underWay) await (underWay ?? new Promise((next) => setImmediate(next)))
    },
  }
}
