import 'fake-indexeddb/auto'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ClientId, ConversationId } from '#protocol/ids.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { cem, clientId, conv, factsOf, joined, otherConv, says, saysFrom, waiting } from '#testing/clientBuilders.ts'
import { resetTo } from '#testing/scriptedEngine.ts'
import { memoryOfOnePage } from '#testing/unreliableDb.ts'
import { virtualClock } from '#testing/virtualClock.ts'
import { makingRoom, openBrowserDb } from './browserDb.ts'
import { careFor, makeRoom, openTally } from './browserStorage.ts'
import { openMemoryDb, type Db } from './db.ts'
import { messageWritten, outboxLoaded, type OutboxRow } from './facts.ts'
import { NOWHERE, openStorage } from './storage.ts'

let lives = 0
const random = { unit: () => ++lives / 1e6, bytes: () => {} }

function memoryArea() {
  const held = new Map<string, string>()
  return {
    held,
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
  }
}

/** One browser profile: what it keeps beside the database, and how much of what waited its tabs found gone. */
function browser() {
  const local = memoryArea()
  const clock = virtualClock(0)
  const gone: number[] = []
  const others: (() => void)[] = []
  return {
    local,
    clock,
    gone,
    /** What a tab does that holds what is missing, when it is asked to look. */
    hasOther: (looks: () => void) => others.push(looks),
    start: async (db: Db, user = 'ann') => {
      const tally = openTally({
        local: () => local,
        user,
        clock,
        askOthers: () => others.forEach((looks) => looks()),
        vanished: (count) => gone.push(count),
      })
      const storage = openStorage(db, random, tally.count)
      const { outbox } = await storage.load()
      return { storage, tally, life: outbox.life, writes: (...rows: OutboxRow[]) => storage.addOutbox(rows, outbox.life) }
    },
  }
}
const AFTER_ASKING = 3_000

/** What waits on a device whose two messages could not go out, and whose tab is closed. */
async function withTwoWaiting() {
  const it = browser()
  const db = openMemoryDb()
  const tab = await it.start(db)
  await tab.writes(waiting(1), waiting(2))
  return { ...it, db, tab }
}

describe('messages that waited and are no longer in the storage', () => {
  it('are counted when the database was damaged or deleted, and told once', async () => {
    const { start, clock, gone } = await withTwoWaiting()
    const fresh = openMemoryDb()
    await start(fresh)
    expect(gone).toEqual([])
    await clock.advance(AFTER_ASKING)
    expect(gone).toEqual([2])
    await start(fresh)
    await clock.advance(AFTER_ASKING)
    expect(gone).toEqual([2])
    expect(clock.pending()).toBe(0)
  })

  it('are counted when something new was kept before anybody looked', async () => {
    const { start, clock, gone } = await withTwoWaiting()
    const { writes } = await start(openMemoryDb())
    await writes(waiting(3))
    await clock.advance(AFTER_ASKING)
    expect(gone).toEqual([2])
  })

  it('are counted when the database has lost what was written to it last', async () => {
    const { local, start, clock, gone, tab } = await withTwoWaiting()
    const { rows, life, n } = await tab.storage.outbox()
    expect(n).toBe(2)
    const before = openMemoryDb()
    await before.transact(async (tx) => {
      await tx.put('outbox', 1, rows[0])
      await tx.put('meta', 'outbox', { life, n: 1 })
    })
    await start(before)
    await clock.advance(AFTER_ASKING)
    expect(gone).toEqual([1])
    expect(local.held.size).toBe(1)
  })

  it('count while they were refused or under way, and no more once the server has them', async () => {
    const { start, clock, gone, db, tab } = await withTwoWaiting()
    await tab.writes(waiting(3), waiting(4))
    const { storage } = await start(db)
    await storage.changeOutbox([clientId(1)], (row) => ({ ...row, state: { name: 'refused', code: 'E_TOO_BIG' } }))
    await storage.changeOutbox([clientId(2)], (row) => ({ ...row, state: { name: 'sending', since: 1, memory: false } }))
    await storage.changeOutbox([clientId(3)], (row) => ({ ...row, state: { name: 'stored', id: says(3).id, seq: 3, at: 3 } }))
    await storage.keepFacts(conv, { facts: factsOf() })
    await storage.reset(resetTo([says(4)]), { over: NOWHERE, settled: [clientId(4)] })
    await start(openMemoryDb())
    await clock.advance(AFTER_ASKING)
    expect(gone).toEqual([2])
  })

  it('are told by the next tab when this one closes before it is sure', async () => {
    const { start, clock, gone } = await withTwoWaiting()
    const first = await start(openMemoryDb())
    first.tally.close()
    await clock.advance(AFTER_ASKING)
    expect(gone).toEqual([])
    await start(openMemoryDb())
    await clock.advance(AFTER_ASKING)
    expect(gone).toEqual([2])
  })

  it('leave no word of themselves beside the database', async () => {
    const { local, tab } = await withTwoWaiting()
    const [note] = local.held.values()
    expect(note).toContain(clientId(1).slice(-12))
    for (const row of (await tab.storage.outbox()).rows) expect(note).not.toContain(row.body)
  })
})

describe('nothing is said to have vanished', () => {
  it('when another tab still holds it and keeps it again', async () => {
    const { start, clock, gone, hasOther, tab } = await withTwoWaiting()
    const fresh = openMemoryDb()
    hasOther(() => void openStorage(fresh, random).addOutbox([waiting(1), waiting(2)], null))
    const { storage } = await start(fresh)
    await clock.advance(AFTER_ASKING - 1)
    // that tab says that the outbox has changed
    await storage.outbox()
    await clock.advance(1)
    expect(gone).toEqual([])
    tab.tally.close()
  })

  it('when it was sent, discarded or seen in the log', async () => {
    const { local, start, clock, gone, tab } = await withTwoWaiting()
    await tab.storage.removeOutbox([clientId(1)])
    await tab.storage.discardOutbox(clientId(2))
    expect(local.held.size).toBe(0)
    await start(openMemoryDb())
    await clock.advance(AFTER_ASKING)
    expect(gone).toEqual([])
  })

  it('when only the note is old, as after the browser was killed', async () => {
    const { local, start, clock, gone, db, tab } = await withTwoWaiting()
    const old = new Map(local.held)
    await tab.storage.removeOutbox([clientId(1)])
    await tab.storage.removeOutbox([clientId(2)])
    for (const [key, note] of old) local.held.set(key, note)
    await start(db)
    await clock.advance(AFTER_ASKING)
    expect(gone).toEqual([])
    expect(local.held.size).toBe(0)
  })

  it('when all data of the site was deleted, and in a private window, which starts with nothing', async () => {
    const { local, start, clock, gone } = await withTwoWaiting()
    local.held.clear()
    await start(openMemoryDb())
    await clock.advance(AFTER_ASKING)
    expect(gone).toEqual([])
  })

  it('while the storage does not open, nor when it opens again', async () => {
    const { start, clock, gone, db } = await withTwoWaiting()
    const { storage } = await start(memoryOfOnePage())
    await storage.outbox()
    await clock.advance(AFTER_ASKING)
    await start(db)
    await clock.advance(AFTER_ASKING)
    expect(gone).toEqual([])
  })

  it('to somebody else, who has another outbox in the same browser', async () => {
    const { start, clock, gone, db } = await withTwoWaiting()
    await start(openMemoryDb(), 'ben')
    await start(db)
    await clock.advance(AFTER_ASKING)
    expect(gone).toEqual([])
  })

  it('where the browser keeps nothing beside the database', async () => {
    const clock = virtualClock(0)
    const gone: number[] = []
    const tally = openTally({
      local: () => {
        throw new DOMException('blocked', 'SecurityError')
      },
      user: 'ann',
      clock,
      askOthers: () => {},
      vanished: (count) => gone.push(count),
    })
    const storage = openStorage(openMemoryDb(), random, tally.count)
    await storage.addOutbox([waiting(1)], null)
    await clock.advance(AFTER_ASKING)
    expect(gone).toEqual([])
    expect((await storage.outbox()).rows).toHaveLength(1)
  })

  it('of a message of the past that is only offered again', async () => {
    const { local, start, clock, gone } = browser()
    const { writes } = await start(openMemoryDb())
    await writes(waiting(1, { name: 'queued', memory: false }, { again: true }))
    expect(local.held.size).toBe(0)
    await start(openMemoryDb())
    await clock.advance(AFTER_ASKING)
    expect(gone).toEqual([])
  })
})

let names = 0
const KINDS: [string, () => Db][] = [
  ['memory', openMemoryDb],
  ['IndexedDB', () => openBrowserDb(`browser-storage-${names++}`, (error) => expect.fail(String(error)))],
]

describe.each(KINDS)('room is made in %s', (_, openDb) => {
  const full = async () => {
    const db = openDb()
    const storage = openStorage(db, random)
    const fill = async (of: ConversationId, count: number) => {
      const messages = saysFrom(1, count).map((message): ChatMessage => ({ ...message, conv: of }))
      const reset = resetTo(messages)
      const notes = of === conv ? [joined(cem, 1, 100), joined(cem, 2, 101)] : []
      await storage.reset({ ...reset, notes }, { over: NOWHERE, settled: [] })
    }
    await fill(conv, 300)
    await fill(otherConv, 150)
    await storage.addOutbox([waiting(901)], null)
    await storage.keepDraft(conv, { text: 'half a' }, 1)
    return { db, storage }
  }
  it('by giving up what is oldest of a conversation and more than its newest 200; what stays has no hole', async () => {
    const { db, storage } = await full()
    expect(await makeRoom(db)).toBe(true)
    expect((await storage.page(conv, 301, 1_000, null)).messages.map(({ seq }) => seq)).toEqual(saysFrom(101, 300).map(({ seq }) => seq))
    expect((await storage.page(otherConv, 151, 1_000, null)).messages).toHaveLength(150)
    // below, nothing that could be taken for a page
    expect((await storage.page(conv, 101, 60, null)).messages).toEqual([])
    expect((await db.transact((tx) => tx.all('notes'))).map((note) => (note as { afterSeq: number }).afterSeq)).toEqual([101])
  })

  it('never from what was written here, nor from where the log stands', async () => {
    const { db, storage } = await full()
    const before = await storage.load()
    await makeRoom(db)
    expect(await storage.load()).toEqual(before)
    expect(before.outbox.rows).toHaveLength(1)
    expect(before.drafts).toEqual({ [conv]: { text: 'half a' } })
    expect(before.conversations.map(({ seq }) => seq)).toEqual([300, 150])
  })

  it('only where there is something to give up', async () => {
    const { db } = await full()
    expect([await makeRoom(db), await makeRoom(db)]).toEqual([true, false])
  })
})

/** A device that takes nothing more beside so many messages, from the moment it is small. */
function smallDevice(most: number) {
  const inner = openMemoryDb()
  let isSmall = false
  const db: Db = {
    ...inner,
    transact: (work, more) =>
      inner.transact(async (tx) => {
        let keeps = false
        const put: typeof tx.put = (...row) => {
          keeps = true
          return tx.put(...row)
        }
        const result = await work({ ...tx, put })
        if (keeps && isSmall && (await tx.all('messages')).length > most) throw new DOMException('no room', 'QuotaExceededError')
        return result
      }, more),
  }
  return { db, becomesSmall: () => (isSmall = true) }
}

describe('a device that is full', () => {
  const withHistory = async (most: number) => {
    const { db, becomesSmall } = smallDevice(most)
    let rooms = 0
    const storage = openStorage(
      makingRoom(db, () => {
        rooms++
        return makeRoom(db)
      }),
      random,
    )
    await storage.reset(resetTo(saysFrom(1, 300)), { over: NOWHERE, settled: [] })
    becomesSmall()
    return { storage, rooms: () => rooms }
  }

  it('keeps what is written at once, because old history goes', async () => {
    const { storage, rooms } = await withHistory(250)
    const { rows } = await storage.addOutbox([waiting(901)], null)
    expect(rows.map((row) => row.clientId)).toEqual([clientId(901)])
    expect(rooms()).toBe(1)
  })

  it('gives up nothing more while what it gave up is not enough, and says that it is full', async () => {
    const { storage, rooms } = await withHistory(150)
    for (const _ of [1, 2]) await expect(storage.addOutbox([waiting(901)], null)).rejects.toMatchObject({ name: 'QuotaExceededError' })
    expect(rooms()).toBe(1)
  })

  it('makes room once for all that failed together', async () => {
    const { storage, rooms } = await withHistory(250)
    await Promise.all([storage.addOutbox([waiting(901)], null), storage.keepDraft(conv, { text: 'half a' }, 1), storage.keepUser({ urev: 3 })])
    expect(rooms()).toBe(1)
    expect(await storage.load()).toMatchObject({ drafts: { [conv]: { text: 'half a' } }, urev: 3, outbox: { rows: [{ n: 1 }] } })
  })

  it('is told as it is when the part that makes room can’t be loaded', async () => {
    const { db, becomesSmall } = smallDevice(-1)
    const storage = openStorage(
      makingRoom(db, () => Promise.reject(new TypeError('Failed to fetch'))),
      random,
    )
    becomesSmall()
    await expect(storage.addOutbox([waiting(901)], null)).rejects.toMatchObject({ name: 'QuotaExceededError' })
  })
})

const settled = () => new Promise((resolve) => void setImmediate(resolve))

describe('the browser', () => {
  afterEach(() => void Reflect.deleteProperty(navigator, 'storage'))
  const asked = (persisted: boolean) => {
    const persist = vi.fn(async () => false)
    Object.defineProperty(navigator, 'storage', { configurable: true, value: { persisted: async () => persisted, persist } })
    const listeners = new Set<(action: { type: string }) => void>()
    const care = careFor({
      db: openMemoryDb(),
      memory: { local: memoryArea(), session: memoryArea() },
      user: 'ann',
      clock: virtualClock(0),
      channel: undefined,
      intents: {
        subscribe: (listener) => {
          listeners.add(listener)
          return () => void listeners.delete(listener)
        },
      },
      emit: () => {},
    })
    const happens = (action: { type: string }) => [...listeners].forEach((listener) => listener(action))
    return { persist, care, happens, listeners }
  }
  const writes = messageWritten({ conv, clientId: '1' as ClientId, body: 'hi', sentAt: 1 })

  it('is asked to keep what waits once somebody has written, once, and never before', async () => {
    const { persist, happens } = asked(false)
    happens(outboxLoaded({ rows: [] }))
    await settled()
    expect(persist).not.toHaveBeenCalled()
    happens(writes)
    happens(writes)
    await settled()
    expect(persist).toHaveBeenCalledTimes(1)
  })

  it('is not asked for what it has promised already', async () => {
    const { persist, happens, listeners, care } = asked(true)
    happens(writes)
    await settled()
    expect(persist).not.toHaveBeenCalled()
    await care.close(Promise.resolve())
    expect(listeners.size).toBe(0)
  })
})
