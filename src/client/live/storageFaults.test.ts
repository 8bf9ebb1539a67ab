import 'fake-indexeddb/auto'
import { describe, expect, it, vi } from 'vitest'
import { conv, factsOf, heard, says, saysFrom, waiting } from '#testing/clientBuilders.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { headAt, helloAnswer, resetTo, startScripted } from '#testing/scriptedEngine.ts'
import { openBrowserDb } from './browserDb.ts'

let names = 0
const freshName = () => `storage-faults-${names++}`

describe('a loss of power', () => {
  it('takes nothing that was written: its transaction waits for the disk, and only that one', async () => {
    const db = openBrowserDb(freshName(), (error) => expect.fail(String(error)))
    const storage = memoryStorage(db)
    await storage.load()
    const begun = vi.spyOn(IDBDatabase.prototype, 'transaction')
    const asked = () => begun.mock.calls.splice(0).map(([, , options]) => options?.durability)

    await storage.addOutbox([waiting(1)], null)
    expect(asked()).toEqual(['strict'])
    await storage.keepFacts(conv, { facts: factsOf() })
    await storage.append({ conv, from: 0, fromH: '0000000000000000', events: [heard(says(1))], settled: [] })
    await storage.keepDraft(conv, { text: 'half a' }, 1)
    expect(asked()).toEqual(['relaxed', 'relaxed', 'relaxed'])
    storage.close()
  })
})

describe('a newer build in another tab', () => {
  it('gets the database it needs to upgrade at once; this tab goes on in memory and says so, once', async () => {
    const name = freshName()
    const failures: unknown[] = []
    const db = openBrowserDb(name, (error) => failures.push(error))
    await db.transact((tx) => tx.put('meta', 'a', 1), { strict: true })

    const upgraded = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name, 99)
      request.addEventListener('success', () => resolve(request.result))
      request.addEventListener('error', () => reject(request.error!))
      request.addEventListener('blocked', () => reject(new Error('the old tab holds on')))
    })
    expect(upgraded.version).toBe(99)

    await db.transact((tx) => tx.put('drafts', 'b', 2))
    expect(await db.transact((tx) => tx.get('drafts', 'b'))).toBe(2)
    await expect(db.transact((tx) => tx.put('outbox', 1, 'words'), { strict: true })).rejects.toMatchObject({ name: 'VersionError' })
    expect(db.isShared()).toBe(false)
    expect(failures).toHaveLength(1)
    upgraded.close()
    db.close()
  })
})

describe('a storage that aborts a reset', () => {
  it('is filled from the server anew with the next event, so that the next page finds everything', async () => {
    const kept = memoryStorage()
    let aborts = 1
    const storage = {
      ...kept,
      reset: async (...parts: Parameters<typeof kept.reset>) =>
        aborts-- > 0 ? Promise.reject(new DOMException('no room', 'QuotaExceededError')) : kept.reset(...parts),
    }
    let last = 60
    const { of, push, clock } = await startScripted(
      {
        hello: () => helloAnswer({ heads: { [conv]: headAt(last) } }),
        'sync:pull': ({ from }) => (from === 0 ? { ok: true, reset: resetTo(saysFrom(last - 49, last)) } : undefined),
      },
      { storage },
    )
    await clock.advance(100)
    expect((await kept.load()).conversations).toMatchObject([{ rev: 0 }])

    last = 61
    await push('log:events', { conv, events: [heard(says(61))] })
    await clock.advance(100)
    expect(of('sync:pull').map(({ from }) => from)).toEqual([0, 0])
    expect((await kept.load()).conversations).toMatchObject([{ rev: 61, seq: 61 }])
    expect((await kept.page(conv, 62, 200, null)).messages.map(({ seq }) => seq)).toEqual(saysFrom(12, 61).map(({ seq }) => seq))
  })
})
