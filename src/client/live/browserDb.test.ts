import 'fake-indexeddb/auto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openBrowserDb } from './browserDb.ts'

const open = indexedDB.open.bind(indexedDB)
afterEach(() => {
  indexedDB.open = open
  vi.useRealTimers()
})
let names = 0
const fresh = (failed: (error: unknown) => void = () => {}) => openBrowserDb(`browser-db-${names++}`, failed)

describe('the database of this browser', () => {
  it('is opened again when the browser has closed the connection without a word', async () => {
    const handles: IDBDatabase[] = []
    indexedDB.open = (...args) => {
      const request = open(...args)
      request.addEventListener('success', () => handles.push(request.result))
      return request
    }
    const db = fresh()
    await db.transact((tx) => tx.put('meta', 'a', 1), { strict: true })
    handles[0]!.close()
    expect(await db.transact((tx) => tx.get('meta', 'a'), { strict: true })).toBe(1)
    expect(handles).toHaveLength(2)
    db.close()
  })

  it('counts as none when it does not open: what must last is refused, the rest is kept in memory', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const Request = IDBOpenDBRequest as unknown as new () => IDBOpenDBRequest
    indexedDB.open = () => new Request()
    const failures: unknown[] = []
    const db = fresh((error) => failures.push(error))
    const lasting = db.transact((tx) => tx.put('meta', 'a', 1), { strict: true }).catch((error: DOMException) => error.name)
    const cached = db.transact((tx) => tx.put('meta', 'b', 2)).then(() => db.transact((tx) => tx.get('meta', 'b')))
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await lasting).toBe('BlockedError')
    expect(await cached).toBe(2)
    expect(failures).toHaveLength(1)
    expect(db.isShared()).toBe(false)
  })

  it('fails what it does not answer', async () => {
    const db = fresh()
    await db.transact((tx) => tx.put('meta', 'a', 1))
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const stuck = db.transact(() => new Promise(() => {})).catch((error: DOMException) => error.name)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await stuck).toBe('BlockedError')
    db.close()
  })
})
