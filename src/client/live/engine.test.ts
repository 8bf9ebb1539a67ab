import { describe, expect, it } from 'vitest'
import { CHAIN_START, type ConversationId, type Epoch } from '#protocol/ids.ts'
import { HEADS_MAX } from '#protocol/limits.ts'
import { ben, clientId, conv, factsOf, heard, helloFacts, messageId, NOON, otherConv, says, saysFrom, waiting } from '#testing/clientBuilders.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { headAt, helloAnswer, NOTHING_NEW, startScripted } from '#testing/scriptedEngine.ts'
import { memoryOfOnePage } from '#testing/unreliableDb.ts'
import { conversationOpened, conversationReset, messageKeptInMemory, messageWritten, roomsSynced, sendRefused } from './facts.ts'
import type { Storage } from './storage.ts'

const EPOCH = helloFacts().epoch
const OTHER_EPOCH = EPOCH.replace(/^0/, '1') as Epoch
describe('the live tie', () => {
  it('says where it stands in any number of conversations, as many at a time as the server takes', async () => {
    const storage = memoryStorage()
    for (let n = 0; n < HEADS_MAX + 5; n++) await storage.keepFacts(`c${n}` as ConversationId, { facts: factsOf({ id: `c${n}` as ConversationId }) })
    const { of, emitted } = await startScripted({ 'hello:part': () => ({ ok: true }) }, { storage })
    const counts = [...of('hello:part'), ...of('hello')].map(({ convs }) => Object.keys(convs).length)
    expect(counts).toEqual([5, HEADS_MAX])
    expect(emitted.some(roomsSynced.match)).toBe(true)
  })

  it('settles with a conversation that is empty in the new database of the server', async () => {
    const storage = memoryStorage()
    await storage.keepUser({ epoch: OTHER_EPOCH, urev: 7 })
    await storage.keepFacts(conv, { facts: factsOf() })
    const reset = { rev: 0, h: CHAIN_START, seq: 0, messages: [], notes: [], marksRev: 0, facts: factsOf() }
    const { of, clock, emitted } = await startScripted(
      { hello: () => helloAnswer({ heads: { [conv]: headAt(0) } }), 'sync:pull': () => ({ ok: true, reset }) },
      { storage },
    )
    await clock.advance(5_000)
    expect(of('sync:pull')).toHaveLength(1)
    expect(emitted.some(roomsSynced.match)).toBe(true)
  })

  it('counts what happens to the person anew with a new database of the server', async () => {
    const storage = memoryStorage()
    await storage.keepUser({ epoch: OTHER_EPOCH, urev: 7 })
    const { of } = await startScripted({ hello: () => helloAnswer({ urev: 2 }) }, { storage })
    expect(of('sync:user')).toEqual([])
    expect(await storage.load()).toMatchObject({ epoch: EPOCH, urev: 2 })
  })

  it('does nothing for a line that was lost while it was still being brought up to date', async () => {
    let taken = 0
    const locks = { hold: () => (taken++, () => {}), steal: () => (taken++, () => {}) }
    const { network, clock, of } = await startScripted(
      { hello: () => helloAnswer({ urev: 2 }) },
      { storage: memoryStorageOf({ epoch: EPOCH, urev: 1 }), locks },
    )
    expect(of('sync:user')).toHaveLength(1)
    network.last().events.lost('transport close')
    await clock.advance(100)
    expect(taken).toBe(0)
    expect(of('conversation:open')).toEqual([])
  })

  it('offers a message again that the server had taken and has no longer, once it has another database', async () => {
    const storage = memoryStorage()
    await storage.keepUser({ epoch: OTHER_EPOCH, urev: 0 })
    const row = waiting(9, { name: 'stored', id: messageId(9), seq: 9, at: 1 })
    await storage.addOutbox([row], null)
    const reset = { rev: 3, h: CHAIN_START, seq: 3, messages: saysFrom(1, 3, ben), notes: [], marksRev: 0, facts: factsOf() }
    const { of, clock } = await startScripted(
      { hello: () => helloAnswer({ heads: { [conv]: headAt(3) } }), 'sync:pull': () => ({ ok: true, reset }) },
      { storage },
    )
    await clock.advance(1_000)
    expect(of('message:send')).toMatchObject([{ conv, messages: [{ clientId: row.clientId }] }])
  })

  it('tells how far this person got anew, when the server’s past is another than ours', async () => {
    const storage = memoryStorage()
    await storage.keepUser({ epoch: EPOCH, urev: 0 })
    const before = factsOf({ read: 100, delivered: 100 })
    await storage.reset(
      { rev: 100, h: CHAIN_START, seq: 100, messages: [], notes: [], marksRev: 0, facts: before },
      { over: 'any past', settled: [] },
    )
    const now = factsOf({ read: 50, delivered: 50 })
    const reset = { rev: 50, h: CHAIN_START, seq: 50, messages: saysFrom(1, 50, ben), notes: [], marksRev: 0, facts: now }
    const { of, clock, network } = await startScripted(
      {
        hello: () => helloAnswer({ heads: { [conv]: { ...headAt(50), facts: now } }, diverged: [conv] }),
        'sync:pull': () => ({ ok: true, reset }),
        'receipt:mark': ({ delivered = 0 }) => ({ ok: true, delivered, read: 50 }),
      },
      { storage },
    )
    await clock.advance(5_000)
    network.last().events.pushed('log:events', { conv, events: [heard(says(51, ben))] })
    await clock.advance(5_000)
    expect(of('receipt:mark').at(-1)).toMatchObject({ conv, delivered: 51 })
  })

  it('refuses nothing in a conversation that was made while the server was asked which ones there are', async () => {
    const { push, engine, clock, network, emitted } = await startScripted({ 'sync:heads': () => undefined })
    await push('log:head', { conv: otherConv, rev: 1, h: CHAIN_START })
    await clock.advance(5)
    engine.handle(messageWritten({ conv: otherConv, clientId: clientId(300), body: 'hi', sentAt: NOON }))
    await clock.advance(5)
    network
      .last()
      .requests.find(({ name }) => name === 'sync:heads')!
      .answered({ ok: true, ...NOTHING_NEW })
    await clock.advance(2_000)
    expect(emitted.filter(sendRefused.match)).toEqual([])
  })

  it('asks the server for the page on screen when the storage has lost it', async () => {
    const storage = memoryStorage()
    await storage.keepUser({ epoch: EPOCH, urev: 0 })
    await storage.reset({ rev: 3, h: CHAIN_START, seq: 3, messages: [], notes: [], marksRev: 0, facts: factsOf() }, { over: 'any past', settled: [] })
    const messages = saysFrom(1, 3, ben)
    const { engine, clock, emitted, of } = await startScripted(
      { 'history:page': () => ({ ok: true, messages, notes: [], start: true, rev: 3 }) },
      { storage },
    )
    engine.handle(conversationOpened({ conv }))
    await clock.advance(1)
    expect(of('history:page')).toEqual([{ conv, at: { beforeSeq: 4 }, limit: 60 }])
    expect(emitted.filter(conversationReset.match).map(({ payload }) => payload.messages)).toEqual([messages])
  })

  it('sends what only its own tab has, though another tab leads; and does not lead where it can’t see what the others wrote', async () => {
    let taken = 0
    const locks = { hold: () => (taken++, () => {}), steal: () => (taken++, () => {}) }
    const { engine, clock, emitted, of } = await startScripted(
      {
        hello: () => helloAnswer({ heads: { [conv]: headAt(0) } }),
        'sync:pull': () => ({ ok: true, reset: { rev: 0, h: CHAIN_START, seq: 0, messages: [], notes: [], marksRev: 0, facts: factsOf() } }),
      },
      { storage: memoryStorage(memoryOfOnePage()), locks },
    )
    engine.handle(messageWritten({ conv, clientId: clientId(1), body: 'only here', sentAt: 1 }))
    await clock.advance(1)
    expect(emitted.some(messageKeptInMemory.match)).toBe(true)
    expect(engine.holdsUnsaved()).toBe(true)
    expect(of('message:send')).toHaveLength(1)
    expect(taken).toBe(0)
  })
})

function memoryStorageOf(user: { epoch: Epoch; urev: number }): Storage {
  const storage = memoryStorage()
  void storage.keepUser(user)
  return storage
}
