import Libsql from 'libsql'
import { StorageError } from './store.ts'

/** A value of a column or parameter. */
export type SqlValue = string | number | null

/** A statement prepared once. Parameters are positional. */
export type Statement<Row> = {
  /** How many rows changed. */
  run: (...params: SqlValue[]) => number
  /** The first row. */
  one: (...params: SqlValue[]) => Row | undefined
  all: (...params: SqlValue[]) => Row[]
}

/** All of SQLite that is used. The only place that knows which library drives it. */
export type Database = {
  exec: (sql: string) => void
  prepare: <Row = never>(sql: string) => Statement<Row>
  /** False when the engine rolled back by itself, as it does when the disk is full. */
  inTransaction: () => boolean
  /** Rows changed by `run` since the database was opened, undone or not. */
  changes: () => number
  close: () => void
}

/** Throws `StorageError`; creates the file when there is none. */
export function openDatabase(file: string): Database {
  const db = translated(() => new Libsql(file))
  let changes = 0
  return {
    changes: () => changes,
    exec: (sql) => translated(() => void db.exec(sql)),
    inTransaction: () => db.inTransaction,
    close: () => void db.close(),
    prepare: <Row>(sql: string) =>
      prepared<Row>(
        translated(() => db.prepare<[SqlValue[]]>(sql)),
        (count) => void (changes += count),
      ),
  }
}

function prepared<Row>(statement: Libsql.Statement<[SqlValue[]]>, changed: (count: number) => void): Statement<Row> {
  /** Rows come as arrays and are named here: the library takes several times as long to name them, and adds a column of its own. */
  let names: string[] | undefined
  function named(values: SqlValue[]): Row {
    const row: Record<string, SqlValue> = {}
    for (let i = 0; i < names!.length; i++) row[names![i]!] = values[i]!
    return row as Row
  }
  function reader() {
    names ??= statement
      .raw()
      .columns()
      .map((column) => column.name)
    return statement
  }
  // Parameters go in as one array: spread, a single null would be taken for a set of named ones.
  return {
    run(...params) {
      const { changes } = translated(() => statement.run(params))
      changed(changes)
      return changes
    },
    one(...params) {
      const values = translated(() => reader().get(params) as SqlValue[] | undefined)
      return values && named(values)
    },
    all: (...params) => translated(() => reader().all(params) as SqlValue[][]).map(named),
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
