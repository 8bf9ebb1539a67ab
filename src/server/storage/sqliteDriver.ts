import Libsql from 'libsql'
import { StorageError } from './store.ts'

/** A value of a column or parameter. */
export type SqlValue = string | number | null

/** A statement prepared once. Parameters are positional. */
export type Statement<Row> = {
  /** How many rows changed. */
  run: (...params: SqlValue[]) => number
  /** The first row. It may carry a `_metadata` key of the driver: pick columns, never spread it. */
  one: (...params: SqlValue[]) => Row | undefined
  all: (...params: SqlValue[]) => Row[]
}

/** All of SQLite that is used. The only place that knows which library drives it. */
export type Database = {
  exec: (sql: string) => void
  prepare: <Row = never>(sql: string) => Statement<Row>
  /** False when the engine rolled back by itself, as it does when the disk is full. */
  inTransaction: () => boolean
  close: () => void
}

/** Throws `StorageError`; creates the file when there is none. */
export function openDatabase(file: string): Database {
  const db = translated(() => new Libsql(file))
  return {
    exec: (sql) => translated(() => void db.exec(sql)),
    inTransaction: () => db.inTransaction,
    close: () => void db.close(),
    prepare<Row>(sql: string): Statement<Row> {
      const statement = translated(() => db.prepare<[SqlValue[]]>(sql))
      // One array instead of spread parameters: the library would take a single null for a set of named ones.
      return {
        run: (...params) => translated(() => statement.run(params).changes),
        one: (...params) => translated(() => statement.get(params) as Row | undefined),
        all: (...params) => translated(() => statement.all(params) as Row[]),
      }
    },
  }
}

/** What the engine can't do becomes a `StorageError`; a violated constraint, being a mistake of ours, stays what it is. */
function translated<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    const reason = reasonOf(error)
    throw reason === undefined ? error : new StorageError(reason, error)
  }
}

function reasonOf(error: unknown): StorageError['reason'] | undefined {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === 'SQLITE_FULL') return 'full'
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'busy'
  if (/^SQLITE_(IOERR|CORRUPT|NOTADB|READONLY|CANTOPEN|NOMEM|PROTOCOL)/.test(code)) return 'broken'
  // Opening throws without a code.
  if (error instanceof Error && error.message.includes('ConnectionFailed')) return 'broken'
  return undefined
}
