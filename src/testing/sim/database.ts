import type { Epoch } from '#protocol/ids.ts'
import { openDatabase } from '#server/storage/sqliteDriver.ts'
import { indexAll } from '#server/storage/sqliteWords.ts'
import { storeOver } from '#server/storage/openSqliteStore.ts'
import { migrate } from '#server/storage/migrations.ts'
import { StorageError, type Store } from '#server/storage/store.ts'
import type { VirtualClock } from '#testing/virtualClock.ts'
import type { Journal } from './journal.ts'

/** Where a node may die while it changes something. */
export const CRASH_POINTS = ['before-commit', 'after-commit', 'after-publish'] as const
export type CrashPoint = (typeof CRASH_POINTS)[number]

/** One real SQLite database that several nodes share, and a way back in time. */
export function openSharedDatabase(newId: () => string) {
  const db = openDatabase(':memory:')
  let epoch = migrate(db, newId) as Epoch
  let store = storeOver(db, epoch)
  /** Work that has begun and not settled: time stands still until it has. */
  let working = 0
  const tables = db
    .prepare<{ name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid`)
    .all()
    .map(({ name }) => name)
    // what is searched by is made anew of what is restored
    .filter((name) => !/^(words|searched)/.test(name))
  let hasBackup = false

  async function busy<T>(work: () => Promise<T>): Promise<T> {
    working++
    try {
      return await work()
    } finally {
      working--
    }
  }

  function copyAll(from: string, to: string): void {
    // Rows are copied as they are; the triggers that keep counts would count them again.
    db.exec('PRAGMA foreign_keys = OFF')
    const triggers = db.prepare<{ name: string; sql: string }>(`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'`).all()
    for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`)
    for (const table of tables) db.exec(`DELETE FROM ${to}.${table}; INSERT INTO ${to}.${table} SELECT * FROM ${from}.${table}`)
    for (const { sql } of triggers) db.exec(sql)
    db.exec('PRAGMA foreign_keys = ON')
  }

  return {
    epoch: () => epoch,
    isIdle: () => working === 0,
    read: <T>(work: Parameters<Store['read']>[0]) => busy(() => store.read(work)) as Promise<T>,
    transact: <T>(work: Parameters<Store['transact']>[0]) => busy(() => store.transact(work)) as Promise<T>,
    backUp: () => {
      if (!hasBackup) {
        db.exec(`ATTACH ':memory:' AS backup`)
        for (const table of tables) db.exec(`CREATE TABLE backup.${table} AS SELECT * FROM main.${table} WHERE 0`)
        hasBackup = true
      }
      copyAll('main', 'backup')
    },
    /** Everything after the backup is gone. An operator who knows makes a new epoch; one who does not leaves the old one. */
    restore: ({ newEpoch }: { newEpoch: boolean }) => {
      if (!hasBackup) return false
      copyAll('backup', 'main')
      db.exec(`INSERT INTO words (words) VALUES ('delete-all'); DELETE FROM searched`)
      indexAll(db)
      if (newEpoch) epoch = newId() as Epoch
      db.prepare('UPDATE meta SET v = ? WHERE k = ?').run(epoch, 'epoch')
      store = storeOver(db, epoch)
      return true
    },
    close: () => db.close(),
  }
}
export type SharedDatabase = ReturnType<typeof openSharedDatabase>

/** What may happen to the next change of a node. */
export type Accident = { kind: 'crash'; at: CrashPoint } | { kind: 'in-doubt' } | { kind: 'error' }

export type NodeStoreParts = {
  database: SharedDatabase
  clock: VirtualClock
  journal: Journal
  /** How long a step of a transaction takes. */
  lagMs: () => number
  isAlive: () => boolean
  /** Takes what is to happen to this change, if anything. */
  accident: () => Accident | undefined
  crash: () => void
  isFull: () => boolean
}

/** The database as one node sees it: it takes its time, it may be full, the answer to a commit may be lost, and the node may die on the way. */
export function nodeStore({ database, clock, journal, lagMs, isAlive, accident, crash, isFull }: NodeStoreParts): Store {
  let answeredAt = 0
  const rest = (ms: number) => (ms > 0 ? new Promise<void>((resolve) => void clock.after(ms, resolve)) : Promise.resolve())
  /** A dead node hears nothing any more. */
  const never = () => new Promise<never>(() => {})
  /** What fails, fails at the commit: the work has run to its end, and nothing of it stays. */
  const undone = (work: Parameters<Store['transact']>[0]) =>
    database
      .transact(async (tx) => {
        await work(tx)
        throw new Error('not committed')
      })
      .catch(() => {})
  const after = async <T>(value: T, inOrder: boolean): Promise<T> => {
    const at = clock.now() + lagMs()
    // Promises of transactions resolve in the order of their commits.
    answeredAt = inOrder ? Math.max(at, answeredAt) : answeredAt
    await rest((inOrder ? answeredAt : at) - clock.now())
    return isAlive() ? value : never()
  }

  return {
    epoch: database.epoch(),
    stats: () => ({ transactions: 0, commits: 0 }),
    check: async () => {},
    close: async () => {},
    async read(work) {
      await rest(lagMs())
      if (!isAlive()) return never()
      return after(await database.read<never>(work), false)
    },
    async transact(work) {
      await rest(lagMs())
      if (!isAlive()) return never()
      const fate = accident()
      if (fate) journal.reachFault(fate.kind === 'crash' ? `kill ${fate.at}` : fate.kind === 'error' ? 'server error' : 'commit in doubt')
      if (fate?.kind === 'crash' && fate.at === 'before-commit') {
        await undone(work)
        await rest(1 + lagMs())
        crash()
        return never()
      }
      if (fate?.kind === 'error') {
        await undone(work)
        throw new Error('a mistake of ours')
      }
      if (isFull()) {
        journal.reach('disk full')
        await undone(work)
        // Full, or locked by another program: it comes to the same for everybody else.
        throw new StorageError(clock.now() % 2 === 0 ? 'full' : 'busy')
      }
      const result = await database.transact<never>(work)
      if (fate?.kind === 'crash' && fate.at === 'after-commit') {
        crash()
        return never()
      }
      if (fate?.kind === 'crash') {
        // What is published goes out at once, into lines that are about to break.
        clock.after(0, crash)
        return result
      }
      if (fate?.kind === 'in-doubt') throw new StorageError('broken')
      return after(result, true)
    },
  }
}
