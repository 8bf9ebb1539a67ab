import { openDB, type IDBPDatabase } from 'idb'
import { openMemoryDb, TABLES, type Db, type DbTx, type Key } from './db.ts'

/** Raise with every change of the tables; `upgrade` below brings old ones along. */
const VERSION = 1
/** An older tab that will not let go of the database holds us up this long, then we go on in memory. */
const BLOCKED_MS = 3_000

/** The person's database in this browser. Rejects when the browser has none or does not give it. */
async function openIndexedDb(name: string, lost: () => void): Promise<IDBPDatabase> {
  let giveUp = (_: Error) => {}
  const blocked = new Promise<never>((_, reject) => {
    giveUp = reject
  })
  const opened = openDB(name, VERSION, {
    upgrade: (db) => {
      for (const table of TABLES) if (!db.objectStoreNames.contains(table)) db.createObjectStore(table)
    },
    blocked: () => setTimeout(() => giveUp(new DOMException('an older tab holds the database', 'BlockedError')), BLOCKED_MS),
    // A newer build in another tab needs to upgrade: let go, or neither works.
    blocking: (_, __, event) => {
      const db = event.target as IDBDatabase
      db.close()
      lost()
    },
    terminated: lost,
  })
  return Promise.race([opened, blocked])
}

/**
 * IndexedDB where there is one, memory where there is none. `failed` hears why, once per trouble; everything goes on.
 * A database that disappears while the page is open is opened again for the next transaction.
 */
export function openBrowserDb(name: string, failed: (error: unknown) => void): Db {
  let opening: Promise<IDBPDatabase> | undefined
  let memory: { db: Db; because: unknown } | undefined
  let isClosed = false

  const lost = () => {
    opening = undefined
  }

  async function database(): Promise<IDBPDatabase | undefined> {
    if (memory) return undefined
    if (!opening)
      opening = typeof indexedDB === 'undefined' ? Promise.reject(new DOMException('no IndexedDB', 'NotFoundError')) : openIndexedDb(name, lost)
    try {
      return await opening
    } catch (error) {
      if (!memory) {
        memory = { db: openMemoryDb(), because: error }
        failed(error)
      }
      return undefined
    }
  }

  return {
    transact: async (work, more) => {
      const db = await database()
      if (!db) {
        if (more?.strict) throw memory!.because
        return memory!.db.transact(work)
      }
      const transaction = db.transaction(TABLES, 'readwrite', { durability: more?.strict ? 'strict' : 'relaxed' })
      const store = (table: (typeof TABLES)[number]) => transaction.objectStore(table)
      const range = (from: Key, to: Key) => IDBKeyRange.bound(from, to)
      const tx: DbTx = {
        get: (table, key) => store(table).get(key as IDBValidKey),
        put: async (table, key, value) => void (await store(table).put(value, key as IDBValidKey)),
        delete: (table, key) => store(table).delete(key as IDBValidKey),
        deleteRange: (table, from, to) => store(table).delete(range(from, to)),
        all: (table) => store(table).getAll(),
        range: async (table, from, to, { limit, newestFirst } = {}) => {
          if (!newestFirst) return store(table).getAll(range(from, to), limit)
          const rows: unknown[] = []
          let cursor = await store(table).openCursor(range(from, to), 'prev')
          while (cursor && rows.length < (limit ?? Infinity)) {
            rows.push(cursor.value)
            cursor = await cursor.continue()
          }
          return rows
        },
      }
      // A request that fails aborts the transaction; what it says is on `done`.
      transaction.done.catch(() => {})
      try {
        const result = await work(tx)
        // Saved means complete: a request's success can still be followed by an abort (quota), measured in Chromium.
        await transaction.done
        return result
      } catch (error) {
        try {
          transaction.abort()
        } catch {
          // Already aborted or complete.
        }
        if (error instanceof DOMException && error.name === 'InvalidStateError') lost()
        throw error
      }
    },
    isShared: () => !memory,
    close: () => {
      if (isClosed) return
      isClosed = true
      // Transactions that have begun still complete.
      void opening?.then(
        (db) => db.close(),
        () => {},
      )
    },
  }
}

export function storageTrouble(error: unknown): 'missing' | 'blocked' | 'full' | 'broken' {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'QuotaExceededError') return 'full'
  if (name === 'NotFoundError' || name === 'SecurityError') return 'missing'
  if (name === 'BlockedError') return 'blocked'
  return 'broken'
}
