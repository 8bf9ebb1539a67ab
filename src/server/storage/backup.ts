import { chmodSync, closeSync, copyFileSync, existsSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DATABASE_FILE, ownDirectory } from './openSqliteStore.ts'
import { openDatabase, type Database } from './sqliteDriver.ts'
import { StartError } from './startError.ts'

/*
 * Copies of the database, and back. Both happen beside the file that is meant, which then takes its place at once: what breaks off in the
 * middle leaves everything as it was.
 */

/** What SQLite keeps beside a database that is in use. */
const COMPANIONS = ['-wal', '-shm']

/**
 * Copies the database of a folder into a new file, whole and as it was at one moment, whether or not a server is using it: nobody there waits.
 * Throws `StartError` when it can't be done; nothing of that name is there then. Answers its size in bytes.
 */
export function backUp({ dir, file }: { dir: string; file: string }): number {
  const database = join(dir, DATABASE_FILE)
  if (!existsSync(database)) throw new StartError(`There is no database in ${dir}: set DATA_DIR to the folder of the server.`)
  if (existsSync(file)) throw new StartError(`${file} is there already: name another file.`)
  const unfinished = `${file}.part`
  try {
    rmSync(unfinished, { force: true })
    within(database, (db) => {
      db.exec('PRAGMA busy_timeout = 10000')
      db.exec(`VACUUM INTO '${unfinished.replaceAll("'", "''")}'`)
    })
    chmodSync(unfinished, 0o600)
    assertTidemark(unfinished)
    replace(unfinished, file)
    return statSync(file).size
  } catch (error) {
    rmSync(unfinished, { force: true })
    throw error instanceof StartError ? error : new StartError(`The backup ${file} could not be written: ${reasonOf(error)}`, error)
  }
}

/**
 * Puts a backup in the place of the database of a folder that no server is using. The one that was there is kept beside it, under the name that
 * is answered; null: there was none.
 *
 * It is told from the one before by a new epoch, so that every browser shows again what it wrote and the backup does not have; and it knows no
 * refresh token, so that every browser may come with the one it was given last.
 */
export function restore({ dir, file, newId, now }: { dir: string; file: string; newId: () => string; now: Date }): string | null {
  if (!existsSync(file)) throw new StartError(`There is no file ${file}.`)
  assertTidemark(file)
  const unlock = ownDirectory(dir)
  try {
    const database = join(dir, DATABASE_FILE)
    const unfinished = `${database}.part`
    rmSync(unfinished, { force: true })
    copyFileSync(file, unfinished)
    chmodSync(unfinished, 0o600)
    within(unfinished, (db) => {
      db.exec('BEGIN')
      db.prepare("UPDATE meta SET v = ? WHERE k = 'epoch'").run(newId())
      db.exec('DELETE FROM refresh_tokens; COMMIT')
    })
    const kept = existsSync(database) ? `${database}.${now.toISOString().replaceAll(/[:.]/g, '-')}` : null
    // what is beside it may hold its newest part, and belongs to no other
    for (const companion of ['', ...COMPANIONS]) {
      if (kept !== null && existsSync(database + companion)) renameSync(database + companion, kept + companion)
    }
    replace(unfinished, database)
    return kept
  } catch (error) {
    throw error instanceof StartError ? error : new StartError(`The backup ${file} could not be restored: ${reasonOf(error)}`, error)
  } finally {
    unlock()
  }
}

/** Throws `StartError` for a file that is no whole database of ours. */
function assertTidemark(file: string): void {
  try {
    within(file, (db) => {
      const verdict = db.prepare<{ integrity_check: string }>('PRAGMA integrity_check(1)').one()?.integrity_check
      if (verdict !== 'ok') throw new Error(verdict)
      if (!db.prepare("SELECT 1 FROM meta WHERE k = 'epoch'").one()) throw new Error('no epoch')
    })
  } catch (error) {
    throw new StartError(`${file} is no whole database of Tidemark: take another backup.`, error)
  }
}

function within(file: string, work: (db: Database) => void): void {
  const db = openDatabase(file)
  try {
    work(db)
  } finally {
    db.close()
  }
}

/** In this order, so that a loss of power leaves the one or the other, whole. */
function replace(from: string, to: string): void {
  sync(from)
  renameSync(from, to)
  sync(dirname(to))
}

function sync(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
