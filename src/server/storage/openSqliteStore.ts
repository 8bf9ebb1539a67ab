import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Epoch } from '#protocol/ids.ts'
import { lockDirectory } from './directoryLock.ts'
import { openGroupCommit } from './groupCommit.ts'
import { migrate } from './migrations.ts'
import { openDatabase, type Database } from './sqliteDriver.ts'
import { openSqliteReads } from './sqliteReads.ts'
import { openSqliteWrites } from './sqliteWrites.ts'
import { StartError } from './startError.ts'
import { StorageError, type Store } from './store.ts'

/** In the data folder. */
export const DATABASE_FILE = 'tidemark.db'

/** Below this size the whole file is checked at every start; a bigger one would delay it by seconds. */
const CHECKED_WHOLE_BELOW_BYTES = 64 * 1024 * 1024

/** How long the event loop may stand still for a lock that another program holds. */
const BUSY_MS = 20

export type SqliteOptions = {
  /** Made when it is missing. `:memory:` keeps everything in memory, for tests. */
  dir: string
  /** A fresh UUIDv7. */
  newId: () => string
  /** The file never grows beyond this many pages of 4 kB; more is refused as a full disk would. */
  maxPages?: number
}

/** One SQLite file that survives loss of power: whatever was acknowledged was fsynced. Throws `StartError` when it can't be used. */
export async function openSqliteStore({ dir, newId, maxPages }: SqliteOptions): Promise<Store> {
  const inMemory = dir === ':memory:'
  const unlock = inMemory ? () => undefined : ownDirectory(dir)
  try {
    const file = inMemory ? dir : join(dir, DATABASE_FILE)
    assertNoRestoreBrokeOff(file)
    return openStore(file, newId, maxPages, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

/** Where a backup lies that is about to take the place of this database. As long as it does, what lies there may lack its log. */
export const unfinishedRestore = (database: string): string => `${database}.restoring`

/** Throws `StartError` where a restore was killed in the middle. */
export function assertNoRestoreBrokeOff(database: string): void {
  if (existsSync(unfinishedRestore(database))) {
    throw new StartError(`A restore of ${database} broke off: run it again, with the same backup or another one.`)
  }
}

function openStore(file: string, newId: () => string, maxPages: number | undefined, unlock: () => void): Store {
  const { db, epoch } = openFile(file, newId, maxPages)
  const store = storeOver(db, epoch as Epoch)
  let closing: Promise<void> | undefined

  async function close() {
    await store.close()
    try {
      // The library lets go of a file only when its last statement is collected as garbage: nothing is left to the closing itself.
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    } catch {
      // The log holds everything; the next start reads it.
    }
    db.close()
    unlock()
  }

  return { ...store, close: () => (closing ??= close()) }
}

/** A store over an open database of the present schema; closing it leaves the database open. */
export function storeOver(db: Database, epoch: Epoch): Store {
  const reads = openSqliteReads(db)
  const commits = openGroupCommit(db, openSqliteWrites(db))
  const writeProbe = db.prepare(`INSERT INTO meta (k, v) VALUES ('probe', '') ON CONFLICT (k) DO UPDATE SET v = ''`)
  return {
    epoch,
    transact: commits.transact,
    async read(work) {
      await commits.settled()
      return work(reads)
    },
    check: () => commits.transact(async () => void writeProbe.run()),
    stats: () => ({ ...commits.stats }),
    close: commits.close,
  }
}

/** Makes the folder when it is missing, and this process the only one that uses it. Answers how to let go. Throws `StartError`. */
export function ownDirectory(dir: string): () => void {
  try {
    makeDirectory(dir)
    return lockDirectory(dir)
  } catch (error) {
    if (error instanceof StartError) throw error
    throw new StartError(`The data directory ${dir} can't be written: make it writable, or set DATA_DIR to another directory.`, error)
  }
}

/** Not `mkdirSync` with `recursive`: that never returns where a folder is there and none can be made in it, as below /proc. */
function makeDirectory(dir: string) {
  if (existsSync(dir)) return
  makeDirectory(dirname(dir))
  mkdirSync(dir, { mode: 0o700 })
}

function openFile(file: string, newId: () => string, maxPages: number | undefined): { db: Database; epoch: string } {
  let db: Database | undefined
  try {
    db = openDatabase(file)
    if (file !== ':memory:') forOwnerAlone(file)
    db.exec('PRAGMA busy_timeout = 2000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON')
    // A checkpoint copies the log into the file and syncs both; with 16 MB between two of them that is rare enough not to matter.
    db.exec('PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY')
    if (maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${maxPages}`)
    assertWhole(db, file)
    const epoch = migrate(db, newId)
    // At the start another program may be waited for. From now on waiting would keep everybody waiting: they are told to come back.
    db.exec(`PRAGMA busy_timeout = ${BUSY_MS}`)
    return { db, epoch }
  } catch (error) {
    db?.close()
    if (error instanceof StartError) throw error
    throw new StartError(sentenceFor(error, file), error)
  }
}

/** The files that SQLite makes beside it take after it. */
function forOwnerAlone(file: string) {
  try {
    chmodSync(file, 0o600)
  } catch {
    // of somebody else, who decides who reads it
  }
}

function sentenceFor(error: unknown, file: string): string {
  const reason = error instanceof StorageError ? error.reason : 'broken'
  switch (reason) {
    case 'full':
      return `There is no space left for the database ${file}: free some, then start again.`
    case 'busy':
      return `The database ${file} is locked by another program: close that, then start again.`
    case 'broken':
      return `The database ${file} can't be read, it may be damaged: restore a backup, or move the file away to start empty.`
  }
}

function assertWhole(db: Database, file: string) {
  if (file === ':memory:' || statSync(file).size > CHECKED_WHOLE_BELOW_BYTES) return
  const verdict = db.prepare<{ quick_check: string }>('PRAGMA quick_check(1)').one()?.quick_check
  if (verdict !== 'ok') throw new Error(verdict)
}
