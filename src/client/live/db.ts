/**
 * A small transactional key-value store: the part of IndexedDB this app uses, so that the same storage code runs on IndexedDB, in
 * memory when the browser has none, and in the simulator.
 *
 * A transaction's promise resolves when everything in it is kept (IndexedDB: `oncomplete`, which is later than any request's success),
 * and rejects with nothing changed otherwise. `work` awaits nothing but `tx`.
 */
export type Db = {
  /**
   * `strict`: also survives a loss of power, at the price of a flush (Chromium's default survives only a crash). Rejects where there is
   * nothing but the memory of this page.
   */
  transact: <T>(work: (tx: DbTx) => Promise<T>, more?: { strict: boolean }) => Promise<T>
  /** The other tabs of this person see the same; false where a page has only its own memory. Known once a transaction is over. */
  isShared: () => boolean
  close: () => void
}

export const TABLES = ['meta', 'conversations', 'messages', 'notes', 'outbox', 'operations', 'drafts', 'quarantine'] as const
export type Table = (typeof TABLES)[number]

/** Numbers sort before strings, arrays element by element, as in IndexedDB. */
export type Key = string | number | readonly (string | number)[]

export type DbTx = {
  get: (table: Table, key: Key) => Promise<unknown>
  put: (table: Table, key: Key, value: unknown) => Promise<void>
  delete: (table: Table, key: Key) => Promise<void>
  /** Rows with `from <= key <= to`, ascending, or descending when `newestFirst`. */
  range: (table: Table, from: Key, to: Key, more?: { limit?: number; newestFirst?: boolean }) => Promise<unknown[]>
  deleteRange: (table: Table, from: Key, to: Key) => Promise<void>
  all: (table: Table) => Promise<unknown[]>
  deleteAll: (table: Table) => Promise<void>
}

function compare(a: Key, b: Key): number {
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const order = compare(a[i] as Key, b[i] as Key)
      if (order !== 0) return order
    }
    return a.length - b.length
  }
  const rank = (key: Key) => (typeof key === 'number' ? 0 : typeof key === 'string' ? 1 : 2)
  if (rank(a) !== rank(b)) return rank(a) - rank(b)
  return a < b ? -1 : a > b ? 1 : 0
}

type Row = { key: Key; value: unknown }

/** Where the first row with key >= the given one is. */
function place(rows: Row[], key: Key): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compare(rows[middle]!.key, key) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** Keeps everything in memory, one transaction after another. Whoever holds the same object shares it. */
export function openMemoryDb(): Db {
  let tables = new Map<Table, Row[]>(TABLES.map((table) => [table, []]))
  let last: Promise<unknown> = Promise.resolve()

  async function run<T>(work: (tx: DbTx) => Promise<T>): Promise<T> {
    // Only tables that are written are copied; a failed transaction leaves the originals.
    const draft = new Map(tables)
    const written = new Set<Table>()
    const rows = (table: Table) => draft.get(table)!
    const writable = (table: Table) => {
      if (!written.has(table)) {
        written.add(table)
        draft.set(table, [...rows(table)])
      }
      return rows(table)
    }
    const found = (list: Row[], key: Key) => {
      const at = place(list, key)
      return at < list.length && compare(list[at]!.key, key) === 0 ? at : -1
    }
    const result = await work({
      get: async (table, key) => {
        const at = found(rows(table), key)
        return at < 0 ? undefined : structuredClone(rows(table)[at]!.value)
      },
      put: async (table, key, value) => {
        const list = writable(table)
        const at = place(list, key)
        const row = { key, value: structuredClone(value) }
        list.splice(at, at < list.length && compare(list[at]!.key, key) === 0 ? 1 : 0, row)
      },
      delete: async (table, key) => {
        const at = found(rows(table), key)
        if (at >= 0) writable(table).splice(at, 1)
      },
      range: async (table, from, to, more = {}) => {
        const list = rows(table)
        const start = place(list, from)
        let end = place(list, to)
        if (end < list.length && compare(list[end]!.key, to) === 0) end++
        const limit = more.limit ?? Infinity
        const slice = more.newestFirst
          ? list.slice(Math.max(start, end - limit), Math.max(start, end)).reverse()
          : list.slice(start, Math.min(end, start + limit))
        return slice.map((row) => structuredClone(row.value))
      },
      deleteRange: async (table, from, to) => {
        const list = writable(table)
        const start = place(list, from)
        let end = place(list, to)
        if (end < list.length && compare(list[end]!.key, to) === 0) end++
        list.splice(start, Math.max(0, end - start))
      },
      all: async (table) => rows(table).map((row) => structuredClone(row.value)),
      deleteAll: async (table) => void writable(table).splice(0),
    })
    tables = draft
    return result
  }

  return {
    transact: (work) => {
      const mine = last.then(() => run(work))
      last = mine.catch(() => {})
      return mine
    },
    isShared: () => true,
    close: () => {},
  }
}
