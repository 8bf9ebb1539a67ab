import { beforeEach, describe, expect, it } from 'vitest'
import type { ConversationId, Epoch } from '#protocol/ids.ts'
import { PAGE_MAX } from '#protocol/limits.ts'
import { migrate } from '#server/storage/migrations.ts'
import { storeOver } from '#server/storage/openSqliteStore.ts'
import { openDatabase, type Database } from '#server/storage/sqliteDriver.ts'
import { openTestCore, type TestCore } from '#server/testing/testCore.ts'
import { applyOperation } from './applyOperation.ts'
import { pull } from './catchUp.ts'
import { createGroup } from './conversations.ts'
import { postMessages } from './postMessages.ts'

type Person = Awaited<ReturnType<TestCore['person']>>

let db: Database
let core: TestCore
let ann: Person
let bob: Person
let conv: ConversationId

beforeEach(async () => {
  core = await openTestCore(async (newId) => {
    db = openDatabase(':memory:')
    return storeOver(db, migrate(db, newId) as Epoch)
  })
  ann = await core.person('Ann')
  bob = await core.person('Bob')
  conv = (await createGroup(core, ann, { name: 'G', members: [bob.user] })).id // rev 2: two joins
})

async function post(count: number) {
  const ids = []
  for (let left = count; left > 0; left -= 20) {
    const messages = Array.from({ length: Math.min(left, 20) }, () => core.draft('text'))
    const { results } = await postMessages(core, ann, { conv, messages })
    for (const result of results) if (result.ok) ids.push(result.id)
  }
  return ids
}
/** One event is gone from the database, whichever table it stood in. */
const lose = (rev: number) =>
  db.prepare('DELETE FROM messages WHERE conv = ? AND rev = ?').run(conv, rev) +
  db.prepare('DELETE FROM events WHERE conv = ? AND rev = ?').run(conv, rev)

/** What a client learns that pulls page after page: how far each answer brought it, and by what. */
async function catchUp(from: number, { limit = PAGE_MAX, afterPage = async (_page: number) => {} } = {}) {
  const steps: ({ events: number[] } | { resetTo: number; messages: number[] })[] = []
  let at = from
  for (let page = 1; page < 50; page++) {
    const answer = await pull(core, bob, { conv, from: at, limit })
    if ('reset' in answer) {
      at = answer.reset.rev
      steps.push({ resetTo: at, messages: answer.reset.messages.map((message) => message.seq) })
    } else {
      at = answer.to
      steps.push({ events: answer.events.map((event) => event.rev) })
      if (answer.to === answer.head) return { steps, at }
    }
    await afterPage(page)
  }
  throw new Error('it never ended')
}
const upTo = (n: number, from = 1) => Array.from({ length: n - from + 1 }, (_, i) => from + i)

describe('an event that is missing in the database', () => {
  beforeEach(async () => {
    const [, second] = await post(10) // revs 3 to 12
    await applyOperation(core, ann, { conv, operation: { kind: 'edit', opId: core.opId(), target: { id: second! }, body: 'edited' } }) // 13
    await post(2) // 14, 15
  })

  it('makes a catch-up that would cross it start anew, whatever kind it was', async () => {
    expect((await catchUp(10)).steps).toEqual([{ events: [11, 12, 13, 14, 15] }])
    expect(lose(13)).toBe(1)
    expect(await catchUp(10)).toEqual({ steps: [{ resetTo: 15, messages: upTo(12) }, { events: [] }], at: 15 })
    expect(lose(7)).toBe(1)
    expect((await catchUp(4)).steps[0]).toHaveProperty('resetTo', 15)
  })

  it('brings the state it led to along, where only the event is gone', async () => {
    lose(13)
    const answer = await pull(core, bob, { conv, from: 12 })
    expect('reset' in answer && answer.reset.messages[1]).toMatchObject({ seq: 2, body: 'edited', version: 13 })
  })

  it('is noticed at the first rev after a page, at the last of a page, and at the end of the log', async () => {
    lose(8)
    for (const from of [5, 6, 7]) expect((await catchUp(from, { limit: 3 })).steps[0], `from ${from}`).toHaveProperty('resetTo', 15)
    expect((await catchUp(4, { limit: 3 })).steps).toMatchObject([{ events: [5, 6, 7] }, { resetTo: 15 }, { events: [] }])
    lose(15)
    expect((await catchUp(14)).steps[0]).toHaveProperty('resetTo', 15)
  })

  it('does not concern those who are beyond it', async () => {
    lose(7)
    expect((await catchUp(7)).steps).toEqual([{ events: upTo(15, 8) }])
  })

  it('is never joined over: a message that is gone ends the page that starts anew', async () => {
    lose(7) // seq 5
    expect((await catchUp(4)).steps[0]).toEqual({ resetTo: 15, messages: upTo(12, 6) })
  })
})

describe('a purge between two pages of a catch-up', () => {
  beforeEach(async () => void (await post(45))) // revs 3 to 47
  const catchUpWithPurge = (seq: number) =>
    catchUp(2, {
      limit: 20,
      afterPage: async (page) => {
        if (page === 1) await core.store.transact((tx) => tx.purge(conv, seq))
      },
    })

  it('beyond where the client stands makes the second page start anew', async () => {
    expect(await catchUpWithPurge(25)).toEqual({
      steps: [{ events: upTo(22, 3) }, { resetTo: 47, messages: upTo(45, 26) }, { events: [] }],
      at: 47,
    })
  })

  it('of everything leaves an empty page to start from', async () => {
    expect((await catchUpWithPurge(45)).steps).toEqual([{ events: upTo(22, 3) }, { resetTo: 47, messages: [] }, { events: [] }])
  })

  it('up to just where the client stands costs it nothing', async () => {
    const { steps } = await catchUpWithPurge(20) // seq 20 is rev 22
    expect(steps.flatMap((step) => ('events' in step ? step.events : [-1]))).toEqual(upTo(47, 3))
  })

  it('one event further starts anew', async () => {
    expect((await catchUpWithPurge(21)).steps[1]).toHaveProperty('resetTo', 47)
  })
})
