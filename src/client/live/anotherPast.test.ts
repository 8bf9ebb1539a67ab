import { describe, expect, it } from 'vitest'
import { CHAIN_START, type Epoch } from '#protocol/ids.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { refusal } from '#protocol/reply.ts'
import {
  ann,
  ben,
  clientId,
  conv,
  DAY_MS,
  deleted,
  edited,
  heard,
  messageId,
  NOON,
  otherConv,
  says,
  saysFrom,
  waiting,
} from '#testing/clientBuilders.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { headAt, heardAll, helloAnswer, NOTHING_NEW, pulled, resetTo, scriptedEngine, startScripted } from '#testing/scriptedEngine.ts'
import { conversationOpened, conversationReset, messagesArrived, outboxLoaded, pastReplaced } from './facts.ts'
import type { Storage } from './storage.ts'
import { TIMING } from './timing.ts'

const EPOCH = helloAnswer().epoch
const OTHER = EPOCH.replace(/^0/, '1') as Epoch
const DAYS_AGO = (days: number) => ({ at: NOON - days * DAY_MS, sentAt: NOON - days * DAY_MS })

const bodies = (messages: { body: string }[]) => messages.map(({ body }) => body)

/** A storage with fifty messages of Ben's, of the database that the server has. */
async function holdingFifty(): Promise<Storage> {
  const storage = memoryStorage()
  await storage.keepUser({ epoch: EPOCH, urev: 0 })
  await storage.reset(resetTo(saysFrom(1, 50, ben)), { over: 'any past', settled: [] })
  return storage
}

/** Ann was there up to message 100; the server knows of the first fifty only. */
async function begun(knownBefore: Epoch, more: { held?: ChatMessage[]; diverged?: boolean; answersPulls?: boolean } = {}) {
  const storage = memoryStorage()
  await storage.keepUser({ epoch: knownBefore, urev: 0 })
  const lost: ChatMessage[] = [
    ...saysFrom(41, 94, ben),
    says(95, ann, DAYS_AGO(8)),
    says(96, ann, DAYS_AGO(6.9)),
    says(97, ben),
    says(98, ann, { ...DAYS_AGO(1), deletedAt: NOON, body: '' }),
    says(99, ann, DAYS_AGO(1)),
  ]
  const still = says(50, ann, DAYS_AGO(2))
  await storage.reset(resetTo([...(more.held ?? lost).filter(({ seq }) => seq !== 50), still].toSorted((a, b) => a.seq - b.seq)), {
    over: 'any past',
    settled: [],
  })
  // acknowledged, and not in the log of this device yet
  await storage.addOutbox([waiting(100)], null)
  await storage.changeOutbox([clientId(100)], (row) => ({ ...row, state: { name: 'stored', id: messageId(100), seq: 100, at: NOON } }))
  await storage.addOutbox([waiting(101)], (await storage.outbox()).life)
  let seq = 50
  const it = await startScripted(
    {
      hello: () => helloAnswer({ heads: { [conv]: headAt(50) }, diverged: more.diverged === false ? [] : [conv] }),
      'sync:pull': () => (more.answersPulls === false ? undefined : { ok: true, reset: resetTo([...saysFrom(1, 49), still]) }),
      'message:send': ({ messages }) => ({
        ok: true,
        results: messages.map((message) => ({ clientId: message.clientId, ok: true, id: messageId(++seq), seq, rev: seq, at: NOON })),
      }),
    },
    { storage },
  )
  await it.clock.advance(5_000)
  return { ...it, sent: () => it.of('message:send').flatMap(({ messages }) => messages) }
}

describe.each([
  ['a backup of the same database', EPOCH],
  ['another database', OTHER],
])('a server that comes back with %s', (_, knownBefore) => {
  it('is offered again what it had taken: acknowledged rows and own messages of seven days, in their order, before what is new', async () => {
    const { sent } = await begun(knownBefore)
    expect(bodies(sent())).toEqual([96, 99, 100, 101].map((n) => `message ${n}`))
    expect(sent().map((message) => message.clientId)).toEqual([96, 99, 100, 101].map(clientId))
  })

  it('is believed at once: what the lost past had taken is no longer called sent', async () => {
    const { sent, emitted } = await begun(knownBefore, { answersPulls: false })
    expect(sent()).toEqual([])
    const shown = emitted.filter(outboxLoaded.match).at(-1)!.payload.rows
    expect(shown.find((row) => row.clientId === clientId(100))).toMatchObject({ state: { name: 'sending' } })
  })

  it('is never offered what it still has, what others wrote, or what was deleted', async () => {
    const { sent } = await begun(knownBefore)
    for (const seq of [50, 97, 98]) expect(sent().map((message) => message.clientId)).not.toContain(clientId(seq))
  })

  it('replaces what is kept and what is shown', async () => {
    const { storage, emitted } = await begun(knownBefore)
    expect(emitted.filter(pastReplaced.match).map(({ payload }) => payload)).toMatchObject([{ conv }])
    const stored = await storage.load()
    expect(stored.epoch).toBe(EPOCH)
    expect(stored.conversations).toMatchObject([{ rev: 50, seq: 50 }])
    expect((await storage.page(conv, 200, 200, EPOCH)).messages).toEqual([])
    expect((await storage.page(conv, 51, 200, EPOCH)).messages).toHaveLength(50)
  })
})

describe('a server that comes back with the same past', () => {
  it('is offered nothing again but what it has not acknowledged, and what it did and does not show', async () => {
    const { sent, emitted } = await begun(EPOCH, { held: saysFrom(1, 49, ben), diverged: false })
    expect(bodies(sent())).toEqual(['message 101', 'message 100'])
    expect(emitted.filter(pastReplaced.match)).toEqual([])
  })
})

it('a past that turns out to be another one while a pull is under way gives way in the storage, and own messages go out again', async () => {
  const storage = memoryStorage()
  await storage.keepUser({ epoch: helloAnswer().epoch, urev: 0 })
  const held = [...saysFrom(151, 199), says(200, ann, { at: helloAnswer().now - 1_000 })]
  await storage.reset(resetTo(held), { over: 'any past', settled: [] })
  let isLate = true
  const { of, push, clock, network } = await startScripted(
    {
      'sync:heads': () => ({ ok: true, ...NOTHING_NEW, heads: { [conv]: headAt(30) }, diverged: isLate ? [conv] : [] }),
      'sync:pull': () => (isLate ? undefined : { ok: true, reset: resetTo(saysFrom(1, 30)) }),
    },
    { storage },
  )
  await push('log:head', { conv, rev: 202, h: '0000000000000000' })
  await push('log:events', { conv: otherConv, events: [] })
  isLate = false
  network
    .last()
    .requests.find(({ name }) => name === 'sync:pull')!
    .answered(pulled(200, heardAll(saysFrom(201, 202)), 202))
  await clock.advance(1_000)
  expect((await storage.load()).conversations).toMatchObject([{ rev: 30, seq: 30 }])
  expect(of('message:send').flatMap(({ messages }) => messages.map(({ body }) => body))).toEqual(['message 200'])
})

it('a push that comes with the answer to hello waits until it is known whose past it follows', async () => {
  const storage = memoryStorage()
  await storage.keepUser({ epoch: EPOCH, urev: 0 })
  await storage.reset(resetTo(saysFrom(41, 50)), { over: 'any past', settled: [] })
  const restored = saysFrom(1, 51, ben)
  const { emitted, clock, connect, network } = scriptedEngine(
    {
      hello: () => {
        // one HTTP response of the polling transport carries both: no turn lies between them
        queueMicrotask(() => network.last().events.pushed('log:events', { conv, events: [heard(restored[50]!)] }))
        return helloAnswer({ heads: { [conv]: headAt(51) }, diverged: [conv] })
      },
      'sync:pull': () => ({ ok: true, reset: resetTo(restored) }),
    },
    { storage },
  )
  await clock.advance(1)
  await connect()
  await clock.advance(1_000)
  expect(emitted.filter(messagesArrived.match)).toEqual([])
  expect((await storage.load()).conversations).toMatchObject([{ rev: 51 }])
})

it('what could not be replaced because the disk was full is neither shown nor added to, and goes once the disk has room', async () => {
  const memory = memoryStorage()
  await memory.keepUser({ epoch: EPOCH, urev: 0 })
  await memory.reset(resetTo(saysFrom(1, 60, ann)), { over: 'any past', settled: [] })
  let isFull = true
  const ifRoom =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      isFull ? Promise.reject(new DOMException('full', 'QuotaExceededError')) : work(...args)
  const storage = {
    ...memory,
    append: ifRoom(memory.append),
    reset: ifRoom(memory.reset),
    drop: ifRoom(memory.drop),
    restart: ifRoom(memory.restart),
    keepPage: ifRoom(memory.keepPage),
  }
  const here = saysFrom(1, 40, ben).map((message) => ({ ...message, body: `instead ${message.seq}` }))
  let last = 30
  const upTo = () => here.slice(0, last)
  const { push, clock, engine, emitted } = await startScripted(
    {
      hello: () => helloAnswer({ heads: { [conv]: headAt(30) }, diverged: [conv] }),
      'sync:pull': ({ from }) => (from === 0 ? { ok: true, reset: resetTo(upTo()) } : pulled(from, heardAll(here.slice(from, last)), last)),
      'history:page': () => ({ ok: true, messages: upTo(), notes: [], start: true, rev: last }),
    },
    { storage },
  )
  engine.handle(conversationOpened({ conv }))
  const says31 = async () => {
    last++
    await push('log:events', { conv, events: [heard(here[last - 1]!)] })
    await clock.advance(1_000)
  }
  await says31()
  const shown = emitted.filter(conversationReset.match).flatMap(({ payload }) => bodies(payload.messages))
  expect(shown.length).toBeGreaterThan(0)
  expect(shown.filter((body) => body.startsWith('message'))).toEqual([])

  isFull = false
  await says31()
  expect((await memory.load()).conversations).toMatchObject([{ rev: 32 }])
  expect(bodies((await memory.page(conv, 33, 100, EPOCH)).messages)).toEqual(bodies(upTo()))
})

it('own messages are offered again though the cache could not be read the first time', async () => {
  const inner = memoryStorage()
  await inner.keepUser({ epoch: EPOCH, urev: 0 })
  await inner.reset(resetTo([...saysFrom(41, 98, ben), says(99, ann, DAYS_AGO(1))]), { over: 'any past', settled: [] })
  let aborts = 1
  const storage = {
    ...inner,
    own: (...what: Parameters<typeof inner.own>) => (aborts-- > 0 ? Promise.reject(new DOMException('aborted', 'AbortError')) : inner.own(...what)),
  }
  const { of, clock } = await startScripted(
    {
      hello: () => helloAnswer({ heads: { [conv]: headAt(50) }, diverged: [conv] }),
      'sync:pull': () => ({ ok: true, reset: resetTo(saysFrom(1, 50)) }),
    },
    { storage },
  )
  await clock.advance(5_000)
  expect(of('message:send').flatMap(({ messages }) => bodies(messages))).toEqual(['message 99'])
})

it('own messages are offered again though something new came before the past was read anew', async () => {
  const storage = memoryStorage()
  await storage.keepUser({ epoch: EPOCH, urev: 0 })
  await storage.reset(resetTo([says(1, ben), says(2, ann, DAYS_AGO(1))]), { over: 'any past', settled: [] })
  const { of, push, clock, network } = await startScripted(
    { hello: () => helloAnswer({ heads: { [conv]: headAt(0) }, diverged: [conv] }), 'sync:pull': () => undefined },
    { storage },
  )
  await push('log:events', { conv, events: [heard(says(1, ben, { id: messageId(500) }))] })
  await clock.advance(100)
  for (const one of network.last().requests.filter(({ name }) => name === 'sync:pull'))
    one.answered({ ok: true, reset: resetTo([says(1, ben, { id: messageId(500) })]) })
  await clock.advance(2_000)
  expect(of('message:send').flatMap(({ messages }) => bodies(messages))).toEqual(['message 2'])
})

it('an own message that only memory holds is offered again, though the loss is found out a second time before the past was read anew', async () => {
  const inner = memoryStorage()
  await inner.keepUser({ epoch: EPOCH, urev: 0 })
  await inner.reset(resetTo(saysFrom(41, 50, ben)), { over: 'any past', settled: [] })
  const storage = { ...inner, append: () => Promise.reject(new DOMException('full', 'QuotaExceededError')) }
  let isRestored = false
  const { of, push, clock, network } = await startScripted(
    {
      'sync:heads': () => ({ ok: true, ...NOTHING_NEW, ...(isRestored && { heads: { [conv]: headAt(50) }, diverged: [conv] }) }),
      'sync:pull': () => undefined,
    },
    { storage },
  )
  await push('log:events', { conv, events: [heard(says(51, ann))] })
  isRestored = true
  for (let times = 0; times < 2; times++) {
    await push('log:head', { conv: otherConv, rev: 1, h: CHAIN_START })
    await clock.advance(50)
  }
  expect(of('sync:heads').length).toBeGreaterThan(1)
  for (const one of network.last().requests.filter(({ name }) => name === 'sync:pull'))
    one.answered({ ok: true, reset: resetTo(saysFrom(1, 50, ben)) })
  await clock.advance(2_000)
  expect(of('message:send').flatMap(({ messages }) => bodies(messages))).toEqual(['message 51'])
})

it('what another tab kept of a past that is lost is not shown where this tab had not heard of it, and a backup of just then was restored', async () => {
  const storage = memoryStorage()
  await storage.keepUser({ epoch: EPOCH, urev: 0 })
  const there = saysFrom(1, 50, ben)
  await storage.reset(resetTo(there), { over: 'any past', settled: [] })
  const { emitted, engine, clock } = await startScripted(
    {
      hello: () => helloAnswer({ heads: { [conv]: headAt(50) } }),
      'history:page': () => ({ ok: true, messages: there, notes: [], start: true, rev: 50 }),
    },
    { storage },
  )
  expect(await storage.append({ conv, from: 50, fromH: CHAIN_START, events: [edited(50, 51, 'never said')], settled: [] })).toBe('kept')
  engine.handle(conversationOpened({ conv }))
  await clock.advance(1_000)
  const shown = emitted.filter(conversationReset.match).at(-1)
  expect(bodies(shown?.payload.messages ?? []).at(-1)).toBe('message 50')
})

it('what another tab kept of a past that is lost is asked about, and offered again, by a tab whose own place fits both', async () => {
  const storage = await holdingFifty()
  const { of, listen } = await startScripted(
    {
      hello: () => helloAnswer({ heads: { [conv]: headAt(50) } }),
      'sync:heads': ({ convs }) => ({
        ok: true,
        ...NOTHING_NEW,
        ...(convs[conv]?.[0] === 51 && { heads: { [conv]: headAt(50) }, diverged: [conv] }),
      }),
      'sync:pull': () => ({ ok: true, reset: resetTo(saysFrom(1, 50, ben)) }),
    },
    { storage },
  )
  expect(await storage.append({ conv, from: 50, fromH: CHAIN_START, events: [heard(says(51, ann))], settled: [] })).toBe('kept')
  await listen(TIMING.HEADS_VISIBLE_MS)
  expect(of('message:send').flatMap(({ messages }) => bodies(messages))).toEqual(['message 51'])
})

it('what another tab kept of the same past is read', async () => {
  const storage = await holdingFifty()
  const { emitted, listen } = await startScripted(
    { hello: () => helloAnswer(), 'sync:pull': ({ from }) => pulled(from, [heard(says(51, ben))], 51) },
    { storage },
  )
  expect(await storage.append({ conv, from: 50, fromH: CHAIN_START, events: [heard(says(51, ben))], settled: [] })).toBe('kept')
  await listen(TIMING.HEADS_VISIBLE_MS)
  expect(emitted.filter(messagesArrived.match)).toHaveLength(1)
})

it.each([
  ['with the text it had in the end, though only memory holds the edit', edited(51, 52, 'in the end'), ['in the end']],
  ['not at all where only memory knows that it was deleted', deleted(51, 52), []],
])('an own message is offered again %s', async (_, change, offered) => {
  const inner = memoryStorage()
  await inner.keepUser({ epoch: EPOCH, urev: 0 })
  await inner.reset(resetTo([...saysFrom(41, 50, ben), says(51, ann, { ...DAYS_AGO(1) })]), { over: 'any past', settled: [] })
  const storage = { ...inner, append: () => Promise.reject(new DOMException('full', 'QuotaExceededError')) }
  let isRestored = false
  const { of, push, clock } = await startScripted(
    {
      'sync:heads': () => ({ ok: true, ...NOTHING_NEW, ...(isRestored && { heads: { [conv]: headAt(50) }, diverged: [conv] }) }),
      'sync:pull': () => ({ ok: true, reset: resetTo(saysFrom(1, 50, ben)) }),
    },
    { storage },
  )
  await push('log:events', { conv, events: [change] })
  isRestored = true
  await push('log:head', { conv: otherConv, rev: 1, h: CHAIN_START })
  await clock.advance(2_000)
  expect(of('message:send').flatMap(({ messages }) => bodies(messages))).toEqual(offered)
})

it('what was shown and could not be kept is asked about too, and gives way where it was lost', async () => {
  const inner = await holdingFifty()
  let aborts = 1
  const storage: Storage = {
    ...inner,
    append: (batch) => (aborts-- > 0 ? Promise.reject(new DOMException('aborted', 'AbortError')) : inner.append(batch)),
  }
  let isRestored = false
  const asked: unknown[] = []
  const { push, clock, reconnect, emitted } = await startScripted(
    {
      hello: ({ convs }) => {
        asked.push(convs[conv]?.[0])
        return helloAnswer(isRestored ? { heads: { [conv]: headAt(50) }, diverged: convs[conv]![0] > 50 ? [conv] : [] } : {})
      },
      'sync:pull': ({ from }) => (from === 0 ? { ok: true, reset: resetTo(saysFrom(1, 50, ben)) } : undefined),
    },
    { storage },
  )
  await push('log:events', { conv, events: [edited(50, 51, 'never said')] })
  await clock.advance(1_000)
  await push('log:events', { conv, events: [heard(says(51, ben), 52)] })
  await clock.advance(1_000)
  isRestored = true
  await reconnect()
  await clock.advance(1_000)
  expect(asked).toEqual([50, 52])
  expect(emitted.filter(pastReplaced.match)).toHaveLength(1)
})

it('what was still to be kept of a lost past takes nothing away that is offered again', async () => {
  const inner = await holdingFifty()
  let release = () => {}
  const isFree = new Promise<void>((resolve) => (release = resolve))
  const storage: Storage = {
    ...inner,
    append: (batch) => isFree.then(() => inner.append(batch)),
    restart: async (epoch) => {
      release()
      await new Promise<void>((resolve) => void clock.after(500, resolve))
      return inner.restart(epoch)
    },
  }
  let isRestored = false
  const { push, clock, reconnect, of } = await startScripted(
    {
      hello: () => helloAnswer(isRestored ? { epoch: OTHER, heads: { [conv]: headAt(50) } } : {}),
      'sync:pull': () => ({ ok: true, reset: resetTo(saysFrom(1, 50, ben)) }),
    },
    { storage },
  )
  await push('log:events', { conv, events: [heard(says(51, ben))] })
  await clock.advance(1_000)
  await push('log:events', { conv, events: [heard(says(52, ann))] })
  await clock.advance(1_000)
  isRestored = true
  await reconnect()
  await clock.advance(5_000)
  expect(of('message:send').flatMap(({ messages }) => bodies(messages))).toEqual(['message 52'])
})

it('a page that was read before the past turned out to be lost is not shown, and nothing that is offered again is taken for sent because of it', async () => {
  const inner = memoryStorage()
  await inner.keepUser({ epoch: EPOCH, urev: 0 })
  await inner.reset(resetTo([...saysFrom(1, 49, ben), says(50, ann, DAYS_AGO(1))]), { over: 'any past', settled: [] })
  let release = () => {}
  const isFree = new Promise<void>((resolve) => (release = resolve))
  const storage: Storage = {
    ...inner,
    page: async (...which) => {
      const page = await inner.page(...which)
      await isFree
      return page
    },
  }
  const instead = resetTo([...saysFrom(1, 49, ben), says(50, ben, { clientId: clientId(777), body: 'instead' })])
  const { clock, engine, push, listen, emitted } = await startScripted(
    {
      'sync:heads': () => ({ ok: true, ...NOTHING_NEW, heads: { [conv]: headAt(50) }, diverged: [conv] }),
      'sync:pull': () => ({ ok: true, reset: instead }),
    },
    { storage },
  )
  engine.handle(conversationOpened({ conv }))
  await clock.advance(10)
  await push('log:head', { conv: otherConv, rev: 1, h: CHAIN_START })
  await listen(1_000)
  release()
  await clock.advance(10)
  const shown = emitted.filter(conversationReset.match).map(({ payload }) => payload.messages.at(-1)?.body)
  expect(shown).toContain('instead')
  expect(shown).not.toContain('message 50')
  expect((await storage.outbox()).rows.map(({ body }) => body)).toEqual(['message 50'])
})

it('the storage is asked how far it stands until it has said so', async () => {
  const inner = await holdingFifty()
  let aborts = 1
  const storage: Storage = {
    ...inner,
    conversations: () => (aborts-- > 0 ? Promise.reject(new DOMException('aborted', 'AbortError')) : inner.conversations()),
  }
  const { of, listen } = await startScripted({ hello: () => helloAnswer() }, { storage })
  expect(await inner.append({ conv, from: 50, fromH: CHAIN_START, events: [heard(says(51, ben))], settled: [] })).toBe('kept')
  await listen(TIMING.HEADS_VISIBLE_MS * 3)
  expect(
    of('sync:heads')
      .map(({ convs }) => convs[conv]?.[0])
      .slice(0, 2),
  ).toEqual([50, 51])
})

it.each([
  ['when the server has it', 'said by another tab', (before: ChatMessage[]) => [...before, says(51, ben, { body: 'said by another tab' })]],
  ['nor when it is of another past than this tab believes in', 'message 50', (before: ChatMessage[]) => before],
])('what another tab kept is not shown before the server has answered: %s', async (_, last, there) => {
  const storage = await holdingFifty()
  let isBusy = true
  const upTo = there(saysFrom(1, 50, ben))
  const { clock, engine, listen, emitted } = await startScripted(
    {
      hello: () => helloAnswer(),
      'history:page': () => (isBusy ? refusal('E_BUSY') : { ok: true, messages: upTo, notes: [], start: true, rev: upTo.length }),
    },
    { storage },
  )
  const elsewhere = { ...resetTo([...saysFrom(1, 49, ben), says(50, ben, { body: 'never said' })]), h: 'fedcba9876543210' }
  if (upTo.length > 50) await storage.append({ conv, from: 50, fromH: CHAIN_START, events: [heard(upTo[50]!)], settled: [] })
  else await storage.reset(elsewhere, { over: 'any past', settled: [] })
  engine.handle(conversationOpened({ conv }))
  await clock.advance(10)
  expect(emitted.filter(conversationReset.match)).toEqual([])
  isBusy = false
  await listen(TIMING.HEADS_VISIBLE_MS * 2)
  expect(emitted.filter(conversationReset.match).map(({ payload }) => payload.messages.at(-1)!.body)).toEqual([last])
})
