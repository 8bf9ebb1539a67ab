import type { Action } from '@reduxjs/toolkit'
import { afterEach, describe, expect, it } from 'vitest'
import type { RequestName } from '#protocol/events.ts'
import { CHAIN_START, type ConversationId, type Epoch } from '#protocol/ids.ts'
import { HEADS_MAX } from '#protocol/limits.ts'
import type { Head } from '#protocol/sync.ts'
import { ann, ben, clientId, conv, factsOf, heard, helloFacts, messageId, person, says, saysFrom, waiting } from '#testing/clientBuilders.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { scriptedNet, scriptedSurroundings, scriptedToken, type Dial } from '#testing/scriptedNet.ts'
import { memoryOfOnePage } from '#testing/unreliableDb.ts'
import { virtualClock } from '#testing/virtualClock.ts'
import { openEngine, type Engine } from './engine.ts'
import { conversationOpened, conversationReset, messageKeptInMemory, messageWritten, roomsSynced } from './facts.ts'
import type { Storage } from './storage.ts'
import { TIMING } from './timing.ts'

const EPOCH = helloFacts().epoch
const OTHER_EPOCH = EPOCH.replace(/^0/, '1') as Epoch
const head = (rev: number): Head => ({ rev, seq: rev, h: CHAIN_START, marksRev: 0, facts: factsOf() })
const NOTHING_NEW = { heads: {}, left: [], diverged: [], urev: 0 }

type Answers = { [N in RequestName]?: (payload: never) => object | undefined }

let engine: Engine | undefined
afterEach(() => engine?.close())

/** The live tie against a server that is a table of answers. What the table leaves out is never answered. */
function world(answers: Answers, storage: Storage = memoryStorage(), locks?: Parameters<typeof openEngine>[0]['locks']) {
  const clock = virtualClock()
  const network = scriptedNet()
  const emitted: Action[] = []
  const asked: { name: RequestName; payload: never }[] = []
  const all: Answers = {
    hello: () => ({ ok: true, ...helloFacts(), tokenExpiresInMs: 1e9, ...NOTHING_NEW }),
    probe: ({ t }: { t: number }) => ({ ok: true, t, now: 5 }),
    'sync:heads': () => ({ ok: true, ...NOTHING_NEW }),
    'conversation:open': () => ({ ok: true }),
    ...answers,
  }
  const opened = openEngine({
    me: person(ann),
    clock,
    random: { unit: () => 0.5, bytes: () => {} },
    net: network.net,
    token: scriptedToken(clock.now, 1e9).token,
    surroundings: scriptedSurroundings().surroundings,
    storage,
    timing: TIMING,
    locks,
    channel: { post: () => {}, subscribe: () => () => {}, close: () => {} },
    emit: (fact) => void emitted.push(fact),
    storageTrouble: () => 'missing',
    sha256: undefined,
  })
  engine = opened
  const connect = async (dial: Dial = network.last()) => {
    dial.answer = (name, payload) => {
      asked.push({ name, payload: payload as never })
      return all[name]?.(payload as never)
    }
    dial.events.engineOpened('websocket')
    dial.events.connected()
    await clock.advance(1)
    return dial
  }
  const of = (name: RequestName) => asked.filter((one) => one.name === name)
  return { clock, network, emitted, asked, of, connect, engine: opened }
}

const start = async (...parts: Parameters<typeof world>) => {
  const it = world(...parts)
  await it.clock.advance(1)
  await it.connect()
  return it
}

describe('the live tie', () => {
  it('says where it stands in any number of conversations, as many at a time as the server takes', async () => {
    const storage = memoryStorage()
    for (let n = 0; n < HEADS_MAX + 5; n++) await storage.keepFacts(`c${n}` as ConversationId, { facts: factsOf({ id: `c${n}` as ConversationId }) })
    const { of, emitted } = await start({ 'hello:part': () => ({ ok: true }) }, storage)
    const counts = [...of('hello:part'), ...of('hello')].map(({ payload }) => Object.keys((payload as { convs: object }).convs).length)
    expect(counts).toEqual([5, HEADS_MAX])
    expect(emitted.some(roomsSynced.match)).toBe(true)
  })

  it('settles with a conversation that is empty in the new database of the server', async () => {
    const storage = memoryStorage()
    await storage.keepUser({ epoch: OTHER_EPOCH, urev: 7 })
    await storage.keepFacts(conv, { facts: factsOf() })
    const reset = { rev: 0, h: CHAIN_START, seq: 0, messages: [], notes: [], marksRev: 0, facts: factsOf() }
    const { of, clock, emitted } = await start(
      { hello: () => hello({ heads: { [conv]: head(0) } }), 'sync:pull': () => ({ ok: true, reset }) },
      storage,
    )
    await clock.advance(5_000)
    expect(of('sync:pull')).toHaveLength(1)
    expect(emitted.some(roomsSynced.match)).toBe(true)
  })

  it('counts what happens to the person anew with a new database of the server', async () => {
    const storage = memoryStorage()
    await storage.keepUser({ epoch: OTHER_EPOCH, urev: 7 })
    const { of } = await start({ hello: () => hello({ urev: 2 }) }, storage)
    expect(of('sync:user')).toEqual([])
    expect(await storage.load()).toMatchObject({ epoch: EPOCH, urev: 2 })
  })

  it('does nothing for a line that was lost while it was still being brought up to date', async () => {
    let taken = 0
    const locks = { hold: () => (taken++, () => {}), steal: () => (taken++, () => {}) }
    const { network, clock, of } = await start({ hello: () => hello({ urev: 2 }) }, memoryStorageOf({ epoch: EPOCH, urev: 1 }), locks)
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
    const { of, clock } = await start({ hello: () => hello({ heads: { [conv]: head(3) } }), 'sync:pull': () => ({ ok: true, reset }) }, storage)
    await clock.advance(1_000)
    expect(of('message:send').map(({ payload }) => payload)).toMatchObject([{ conv, messages: [{ clientId: row.clientId }] }])
  })

  it('tells how far this person got anew, when the server’s past is another than ours', async () => {
    const storage = memoryStorage()
    await storage.keepUser({ epoch: EPOCH, urev: 0 })
    const before = factsOf({ read: 100, delivered: 100 })
    await storage.reset({ rev: 100, h: CHAIN_START, seq: 100, messages: [], notes: [], marksRev: 0, facts: before }, { force: true, settled: [] })
    const now = factsOf({ read: 50, delivered: 50 })
    const reset = { rev: 50, h: CHAIN_START, seq: 50, messages: saysFrom(1, 50, ben), notes: [], marksRev: 0, facts: now }
    const { of, clock, network } = await start(
      {
        hello: () => hello({ heads: { [conv]: { ...head(50), facts: now } }, diverged: [conv] }),
        'sync:pull': () => ({ ok: true, reset }),
        'receipt:mark': ({ delivered }: { delivered: number }) => ({ ok: true, delivered, read: 50 }),
      },
      storage,
    )
    await clock.advance(5_000)
    network.last().events.pushed('log:events', { conv, events: [heard(says(51, ben))] })
    await clock.advance(5_000)
    expect(of('receipt:mark').at(-1)?.payload).toMatchObject({ conv, delivered: 51 })
  })

  it('asks the server for the page on screen when the storage has lost it', async () => {
    const storage = memoryStorage()
    await storage.keepUser({ epoch: EPOCH, urev: 0 })
    await storage.reset({ rev: 3, h: CHAIN_START, seq: 3, messages: [], notes: [], marksRev: 0, facts: factsOf() }, { force: true, settled: [] })
    const messages = saysFrom(1, 3, ben)
    const { engine, clock, emitted, of } = await start({ 'history:page': () => ({ ok: true, messages, notes: [], start: true, rev: 3 }) }, storage)
    engine.handle(conversationOpened({ conv }))
    await clock.advance(1)
    expect(of('history:page').map(({ payload }) => payload)).toEqual([{ conv, at: { beforeSeq: 4 }, limit: 60 }])
    expect(emitted.filter(conversationReset.match).map(({ payload }) => payload.messages)).toEqual([messages])
  })

  it('sends what only its own tab has, though another tab leads; and does not lead where it can’t see what the others wrote', async () => {
    let taken = 0
    const locks = { hold: () => (taken++, () => {}), steal: () => (taken++, () => {}) }
    const { engine, clock, emitted, of } = await start(
      {
        hello: () => hello({ heads: { [conv]: head(0) } }),
        'sync:pull': () => ({ ok: true, reset: { rev: 0, h: CHAIN_START, seq: 0, messages: [], notes: [], marksRev: 0, facts: factsOf() } }),
      },
      memoryStorage(memoryOfOnePage()),
      locks,
    )
    engine.handle(messageWritten({ conv, clientId: clientId(1), body: 'only here', sentAt: 1 }))
    await clock.advance(1)
    expect(emitted.some(messageKeptInMemory.match)).toBe(true)
    expect(engine.holdsUnsaved()).toBe(true)
    expect(of('message:send')).toHaveLength(1)
    expect(taken).toBe(0)
  })
})

const hello = (more: object) => ({ ok: true, ...helloFacts(), tokenExpiresInMs: 1e9, ...NOTHING_NEW, ...more })

function memoryStorageOf(user: { epoch: Epoch; urev: number }): Storage {
  const storage = memoryStorage()
  void storage.keepUser(user)
  return storage
}
