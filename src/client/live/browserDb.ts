import { openMemoryDb, TABLES, type Db, type DbTx, type Key, type Table } from './db.ts'
import { answerTo, completionOf, newestOf } from './idbRequests.ts'

/** Raise with every change of the tables; `upgrade` below brings old ones along. */
const VERSION = 2
/**
 * A database that does not open in this time, because an older tab will not let go of it or for no reason at all, counts as none: we go
 * on in memory. One that opened and then does not answer has failed.
 */
const OPEN_MS = 5_000
const TRANSACT_MS = 10_000

/** Rejects when `work` takes longer. It may still be carried out. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let stop: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<never>((_, reject) => {
    stop = setTimeout(() => reject(new DOMException('the database does not answer', 'BlockedError')), ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(stop))
}

/** The person's database in this browser. Rejects when the browser has none or does not give it. */
async function openIndexedDb(name: string, lost: () => void): Promise<IDBDatabase> {
  let isGivenUp = false
  const request = indexedDB.open(name, VERSION)
  request.addEventListener('upgradeneeded', () => {
    const db = request.result
    for (const table of TABLES) if (!db.objectStoreNames.contains(table)) db.createObjectStore(table)
  })
  const opened = answerTo(request).then((db) => {
    if (isGivenUp) db.close()
    // A newer build in another tab needs to upgrade: let go, or neither works.
    db.addEventListener('versionchange', () => {
      db.close()
      lost()
    })
    db.addEventListener('close', lost)
    return db
  })
  return within(OPEN_MS, opened).catch((error: unknown) => {
    isGivenUp = true
    throw error
  })
}

/**
 * IndexedDB where there is one, memory where there is none. `failed` hears why, once per trouble; everything goes on.
 * A database that disappears while the page is open is opened again for the next transaction.
 */
export function openBrowserDb(name: string, failed: (error: unknown) => void): Db {
  let opening: Promise<IDBDatabase> | undefined
  let memory: { db: Db; because: unknown } | undefined
  let isClosed = false

  const lost = () => {
    opening = undefined
  }

  async function database(): Promise<IDBDatabase | undefined> {
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

  const begin = (db: IDBDatabase, strict: boolean) => db.transaction([...TABLES], 'readwrite', { durability: strict ? 'strict' : 'relaxed' })

  /** A browser may close a connection without a word; then beginning fails, and a new connection is worth one try. */
  async function beginAnew(strict: boolean): Promise<IDBTransaction | undefined> {
    const db = await database()
    try {
      return db && begin(db, strict)
    } catch {
      lost()
      const again = await database()
      const transaction = again && begin(again, strict)
      // What is saved at the very end gets a connection of its own, which nobody would close otherwise.
      if (isClosed) again?.close()
      return transaction
    }
  }

  return {
    transact: async (work, more) => {
      const transaction = await beginAnew(more?.strict ?? false)
      if (!transaction) {
        if (more?.strict) throw memory!.because
        return memory!.db.transact(work)
      }
      const store = (table: Table) => transaction.objectStore(table)
      const range = (from: Key, to: Key) => IDBKeyRange.bound(from, to)
      const tx: DbTx = {
        get: (table, key) => answerTo<unknown>(store(table).get(key as IDBValidKey)),
        put: async (table, key, value) => void (await answerTo(store(table).put(value, key as IDBValidKey))),
        delete: (table, key) => answerTo(store(table).delete(key as IDBValidKey)),
        deleteRange: (table, from, to) => answerTo(store(table).delete(range(from, to))),
        all: (table) => answerTo(store(table).getAll()),
        deleteAll: (table) => answerTo(store(table).clear()),
        range: (table, from, to, { limit, newestFirst } = {}) =>
          newestFirst ? newestOf(store(table), range(from, to), limit ?? Infinity) : answerTo(store(table).getAll(range(from, to), limit)),
      }
      const completed = completionOf(transaction)
      // What fails before it is waited for is told by the request that failed.
      completed.catch(() => {})
      const complete = async () => {
        const result = await work(tx)
        // Saved means complete: a request's success can still be followed by an abort (quota), measured in Chromium.
        await completed
        return result
      }
      try {
        return await within(TRANSACT_MS, complete())
      } catch (error) {
        try {
          transaction.abort()
        } catch {
          // Already aborted or complete.
        }
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

/**
 * A database that makes room for what a full device would not take, and tries it once more. Once per trouble: until what failed all the
 * same is kept, there is nothing more to gain.
 *
 * @param makeRoom resolves false when there is nothing to give up
 */
export function makingRoom(db: Db, makeRoom: () => Promise<boolean>): Db {
  let making: Promise<boolean> | undefined
  return {
    ...db,
    transact: async (work, more) => {
      const before = making
      try {
        const result = await db.transact(work, more)
        if (more?.strict) making = undefined
        return result
      } catch (error) {
        if (before || storageTrouble(error) !== 'full') throw error
        making ??= makeRoom().catch(() => false)
        if (!(await making)) throw error
        const result = await db.transact(work, more)
        making = undefined
        return result
      }
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
