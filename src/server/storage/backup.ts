import { closeSync, existsSync, fsyncSync, linkSync, openSync, renameSync, rmSync, statSync, unlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { assertNoRestoreBrokeOff, DATABASE_FILE, ownDirectory, unfinishedRestore } from './openSqliteStore.ts'
import { openDatabase, type Database } from './sqliteDriver.ts'
import { StartError } from './startError.ts'
import { StorageError } from './store.ts'

/*
 * Copies of the database, and back. A copy is made beside the file that is meant, and takes its place at once. Databases are copied by SQLite, not
 * byte by byte: it takes along what still lies in the log beside one, looks at every page, and leaves nothing beside the copy.
 */

/** What SQLite keeps beside a database that is in use. */
const LOG = '-wal'
const INDEX = '-shm'

/**
 * Copies the database of a folder into a new file, whole and as it was at one moment, whether or not a server is using it: nobody there waits.
 * Throws `StartError` when it can't be done; nothing of that name is there then. Answers its size in bytes.
 */
export function backUp({ dir, file }: { dir: string; file: string }): number {
  const database = join(dir, DATABASE_FILE)
  if (!existsSync(database)) throw new StartError(`There is no database in ${dir}: set DATA_DIR to the folder of the server.`)
  assertNoRestoreBrokeOff(database)
  if (existsSync(file)) throw new StartError(`${file} is there already: name another file.`)
  const unfinished = `${file}.part`
  try {
    claim(unfinished)
  } catch (error) {
    if (existsSync(unfinished))
      throw new StartError(`${unfinished} is there: another backup is being written, or one broke off. Delete it, or name another file.`, error)
    throw said(error, `The backup ${file} could not be written`)
  }
  try {
    copy(database, unfinished)
    assertTidemark(unfinished)
    sync(unfinished)
    // unlike a rename, it overwrites nothing that came in between
    linkSync(unfinished, file)
    sync(dirname(file))
    return statSync(file).size
  } catch (error) {
    throw said(error, `The backup ${file} could not be written`)
  } finally {
    rmSync(unfinished, { force: true })
  }
}

/**
 * Puts a backup in the place of the database of a folder that no server is using. The one that was there is kept beside it, under the name that
 * is answered; null: there was none. Throws `StartError` when it can't be done; everything is as it was then. Where the process is killed in the
 * middle, no server starts until it has run again.
 *
 * It is told from the one before by a new epoch, so that every browser shows again what it wrote and the backup does not have; and it knows no
 * refresh token that is good, so that every browser may come with the one it was given last. Where the one before can be read, who was signed out or
 * banned since stays so.
 */
export function restore({ dir, file, newId, now }: { dir: string; file: string; newId: () => string; now: Date }): string | null {
  if (!existsSync(file)) throw new StartError(`There is no file ${file}.`)
  const unlock = ownDirectory(dir)
  const database = join(dir, DATABASE_FILE)
  const unfinished = unfinishedRestore(database)
  const kept = `${database}.${now.toISOString().replaceAll(/[:.]/g, '-')}`
  const brokeOff = existsSync(unfinished)
  try {
    rmSync(unfinished, { force: true })
    claim(unfinished)
    copy(file, unfinished)
    assertTidemark(unfinished)
    within(unfinished, (db) => {
      db.exec('BEGIN')
      db.prepare("UPDATE meta SET v = ? WHERE k = 'epoch'").run(newId())
      // those that are no good any more stay: whoever shows one has kept a copy
      db.prepare('DELETE FROM refresh_tokens WHERE valid_until >= ?').run(now.getTime())
      db.exec('COMMIT')
      clear(db)
      if (existsSync(database)) bringRefusals(db, database)
    })
    sync(unfinished)
    return exchange({ database, unfinished, kept })
  } catch (error) {
    rmSync(unfinished, { force: true })
    // what broke off before may have left a database here without its log
    if (brokeOff) claim(unfinished)
    throw said(error, `The backup ${file} could not be restored`)
  } finally {
    unlock()
  }
}

/** What lives for minutes is over. Older backups have no place for it. */
function clear(db: Database): void {
  for (const table of ['passkey_challenges', 'password_resets']) {
    if (db.prepare('SELECT 1 FROM sqlite_master WHERE name = ?').one(table)) db.exec(`DELETE FROM ${table}`)
  }
}

/** Who was signed out or banned since the backup. Nothing of it where the database before is damaged or of another form. */
function bringRefusals(db: Database, before: string): void {
  try {
    db.exec(`ATTACH ${quoted(before)} AS before`)
    db.exec(`
      BEGIN;
      UPDATE sessions SET revoked_at = b.revoked_at FROM before.sessions b WHERE b.id = sessions.id AND b.revoked_at IS NOT NULL;
      UPDATE users SET banned_at = b.banned_at FROM before.users b WHERE b.id = users.id AND b.banned_at IS NOT NULL;
      COMMIT`)
  } catch {
    if (db.inTransaction()) db.exec('ROLLBACK')
  }
}

/**
 * In this order, so that at each moment the folder holds the one database or the other, whole: `unfinished` stands as long as the log that lies
 * there might be another one's. Answers where the one before is.
 */
function exchange({ database, unfinished, kept }: { database: string; unfinished: string; kept: string }): string | null {
  const wasThere = ['', LOG].filter((part) => existsSync(database + part))
  for (const part of wasThere) linkSync(database + part, kept + part)
  sync(dirname(database))
  try {
    for (const part of [LOG, INDEX]) rmSync(database + part, { force: true })
    renameSync(unfinished, database)
  } catch (error) {
    if (wasThere.includes(LOG) && !existsSync(database + LOG)) linkSync(kept + LOG, database + LOG)
    for (const part of wasThere) unlinkSync(kept + part)
    throw error
  }
  sync(dirname(database))
  return wasThere.includes('') ? kept : null
}

/** Makes an empty file that is for its owner alone. Throws when there is one. */
function claim(file: string): void {
  closeSync(openSync(file, 'wx', 0o600))
}

function copy(from: string, to: string): void {
  within(from, (db) => {
    db.exec('PRAGMA busy_timeout = 10000')
    db.exec(`VACUUM INTO ${quoted(to)}`)
  })
}

function assertTidemark(file: string): void {
  within(file, (db) => {
    const verdict = db.prepare<{ integrity_check: string }>('PRAGMA integrity_check(1)').one()?.integrity_check
    const isOurs = db.prepare("SELECT 1 FROM sqlite_master WHERE name = 'meta'").one() && db.prepare("SELECT 1 FROM meta WHERE k = 'epoch'").one()
    if (verdict !== 'ok' || !isOurs) throw new StartError('it is no whole database of Tidemark; take another one')
  })
}

function within(file: string, work: (db: Database) => void): void {
  const db = openDatabase(file)
  try {
    work(db)
  } finally {
    db.close()
  }
}

function sync(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`

/** A sentence that begins like this and says why. */
function said(error: unknown, beginning: string): StartError {
  const cause = error instanceof StorageError ? error.cause : error
  return new StartError(`${beginning}: ${cause instanceof Error ? cause.message : String(cause)}.`, error)
}
