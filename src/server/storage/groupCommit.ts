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
 * next to nothing. Each runs inside its own savepoint: one that throws is undone alone. A promise settles only after the commit.
 *
 * The works await nothing but `tx`, whose answers are immediate; so from BEGIN to COMMIT only microtasks run.
 */
export function openGroupCommit(db: Database, tx: Tx): GroupCommit {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const savepoint = db.prepare('SAVEPOINT work')
  const release = db.prepare('RELEASE work')
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
    const outcomes: (() => void)[] = []
    try {
      begin.run()
      for (const job of group) outcomes.push(await attempt(job))
      commit.run()
    } catch (error) {
      // The engine gave up, so nothing of this group exists, whatever each work thought.
      if (db.inTransaction()) db.exec('ROLLBACK')
      const failure = error instanceof StorageError ? error : new StorageError('broken', error)
      for (const job of group) job.reject(failure)
      return
    }
    stats.transactions += group.length
    stats.commits++
    for (const settle of outcomes) settle()
  }

  /** Answers how to settle the job once the group is committed; throws when the whole group is lost. */
  async function attempt(job: Job): Promise<() => void> {
    savepoint.run()
    try {
      const value = await job.run()
      release.run()
      return () => job.resolve(value as never)
    } catch (error) {
      if (error instanceof StorageError || !db.inTransaction()) throw error
      db.exec('ROLLBACK TO work; RELEASE work')
      return () => job.reject(error)
    }
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
