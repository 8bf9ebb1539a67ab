import { describe, expect, it } from 'vitest'
import { selectTimeline } from '#client/store/selectors/messages.ts'
import { reducer, type RootState } from '#client/store/reducer.ts'
import { refusal } from '#protocol/reply.ts'
import { ann, conv, edited, heard, messageId, otherConv, person, says, saysFrom } from '#testing/clientBuilders.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { headAt, heardAll, helloAnswer, NOTHING_NEW, pulled, resetTo, scriptedEngine, startScripted, type Answers } from '#testing/scriptedEngine.ts'
import { openMemoryDb } from './db.ts'
import {
  conversationOpened,
  conversationReset,
  conversationsLearned,
  historyArrived,
  historyRequested,
  messagesArrived,
  messageSought,
  sessionStarted,
  stretchArrived,
  stretchUnavailable,
} from './facts.ts'
import { GIVEN_UP_MS } from './keeping.ts'
import type { Storage } from './storage.ts'
import { TIMING } from './timing.ts'

const EPOCH = helloAnswer().epoch

/** A storage that holds the newest fifty of `last` messages. */
async function holding(last: number, storage: Storage = memoryStorage()): Promise<Storage> {
  await storage.keepUser({ epoch: EPOCH, urev: 0 })
  await storage.reset(resetTo(saysFrom(Math.max(1, last - 49), last)), { over: 'any past', settled: [] })
  return storage
}
/** A server whose log is of messages only, and ends with `last()`. */
const serving = (last: () => number): Answers => ({
  hello: () => helloAnswer({ heads: { [conv]: headAt(last()) } }),
  'sync:pull': ({ from }) =>
    from === 0
      ? { ok: true, reset: resetTo(saysFrom(Math.max(1, last() - 49), last())) }
      : pulled(from, heardAll(saysFrom(from + 1, Math.min(from + 200, last()))), last()),
})
const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, at) => from + at)

describe('what nobody told', () => {
  it('is found by comparing heads now and then, as long as the line is open', async () => {
    let last = 5
    const { of, listen, emitted } = await startScripted(
      { ...serving(() => last), 'sync:heads': () => ({ ok: true, ...NOTHING_NEW, heads: { [conv]: headAt(last) } }) },
      { storage: await holding(5) },
    )
    const shown = () => emitted.filter(messagesArrived.match).map(({ payload }) => payload.through.rev)
    for (let round = 1; round <= 3; round++) {
      last++
      await listen(TIMING.HEADS_VISIBLE_MS * 1.2)
      expect(shown().at(-1)).toBe(last)
    }
    expect(of('sync:heads').length).toBeLessThanOrEqual(5)
  })

  it('in a conversation that nobody told of either is asked for as soon as anything is heard of it', async () => {
    for (const [name, push] of [
      ['log:events', { conv: otherConv, events: [heard(says(3, ann, { conv: otherConv }))] }],
      ['log:head', { conv: otherConv, rev: 3, h: '0000000000000000' }],
    ] as const) {
      const there = saysFrom(1, 3).map((message) => ({ ...message, conv: otherConv }))
      const it = await startScripted({
        'sync:heads': () => ({ ok: true, ...NOTHING_NEW, heads: { [otherConv]: headAt(3, otherConv) } }),
        'sync:pull': () => ({ ok: true, reset: resetTo(there) }),
      })
      expect(it.of('sync:heads')).toEqual([])
      await it.push(name, push)
      await it.clock.advance(100)
      expect(it.of('sync:heads')).toHaveLength(1)
      expect(it.emitted.filter(conversationReset.match).map(({ payload }) => payload.messages.map(({ seq }) => seq))).toEqual([[1, 2, 3]])
    }
  })

  it('of what happens to the person is asked for when the next thing is heard', async () => {
    const { of, push, clock, emitted } = await startScripted({
      'sync:user': ({ from }) => ({
        ok: true,
        urev: 2,
        events: [
          { kind: 'conv.added', urev: 1, conv: otherConv },
          { kind: 'profile', urev: 2, name: 'Anna' },
        ].filter(({ urev }) => urev > from),
      }),
      'sync:heads': () => ({ ok: true, ...NOTHING_NEW, urev: 2, heads: { [otherConv]: headAt(0, otherConv) } }),
    })
    await push('user:event', { kind: 'profile', urev: 2, name: 'Anna' })
    await clock.advance(100)
    expect(of('sync:user')).toEqual([{ from: 0 }])
    const known = emitted.filter(conversationsLearned.match).flatMap(({ payload }) => payload.conversations.map(({ facts }) => facts.id))
    expect(known).toContain(otherConv)
    expect(emitted.filter(({ type }) => type === 'profileChanged')).toHaveLength(1)
  })
})

it('a head that is told while a pull is under way is followed at once', async () => {
  const { push, network, listen, of } = await startScripted(
    {
      hello: () => helloAnswer({ heads: { [conv]: headAt(6) } }),
      'sync:pull': ({ from }) => (from === 5 ? undefined : pulled(from, heardAll(saysFrom(from + 1, 7)), 7)),
      'sync:heads': () => undefined,
    },
    { storage: await holding(5) },
  )
  // The server had read its log before 7 was in it.
  await push('log:head', { conv, rev: 7, h: '0000000000000000' })
  const [first] = network.last().requests.filter(({ name }) => name === 'sync:pull')
  first!.answered(pulled(5, heardAll(saysFrom(6, 6)), 6))
  await listen(1_000)
  expect(of('sync:pull').map(({ from }) => from)).toEqual([5, 6])
})

it('a head that no pull shows is not asked for without end', async () => {
  const { push, listen, of } = await startScripted(
    { hello: () => helloAnswer(), 'sync:pull': ({ from }) => pulled(from, [], 5), 'sync:heads': () => undefined },
    { storage: await holding(5) },
  )
  await push('log:head', { conv, rev: 7, h: '0000000000000000' })
  await listen(1_000)
  expect(of('sync:pull')).toHaveLength(1)
})

it('what is still on screen from before a reset is asked about until the server has said what became of it', async () => {
  let isBusy = true
  const { of, listen, emitted } = await startScripted(
    {
      hello: () => helloAnswer({ heads: { [conv]: headAt(5_000) } }),
      'sync:pull': () => ({ ok: true, reset: resetTo(saysFrom(4_951, 5_000)) }),
      'history:page': () =>
        isBusy
          ? refusal('E_BUSY', { retryAfterMs: 10 })
          : { ok: true, messages: [says(100, ann, { version: 4_000, body: 'edited since' })], notes: [], start: true, rev: 5_000 },
    },
    { storage: await holding(100) },
  )
  await listen(1_000)
  expect(of('history:page')).toMatchObject([{ at: { beforeSeq: 101 } }])
  isBusy = false
  await listen(TIMING.HEADS_VISIBLE_MS * 3)
  expect(of('history:page')).toHaveLength(2)
  const heardOf = emitted.filter(messagesArrived.match).flatMap(({ payload }) => payload.events)
  expect(heardOf).toMatchObject([{ kind: 'new', message: { seq: 100, body: 'edited since' } }])
})

it.each([
  ['is shown where this tab remembers all that happened since', 400, 0],
  ['is asked of the server where it does not', 600, 1],
])('a page of a storage that is far behind the log %s', async (_, since, asked) => {
  const inner = await holding(100)
  const { push, clock, engine, emitted, of } = await startScripted(
    {
      hello: () => helloAnswer(),
      'history:page': () => ({ ok: true, messages: saysFrom(52, 91), notes: [], start: false, rev: 101 + since }),
    },
    { storage: { ...inner, append: () => new Promise<never>(() => {}) } },
  )
  await push('log:events', { conv, events: [edited(60, 101, 'edited since')] })
  const more = Array.from({ length: since }, (_, n) => edited(100, 102 + n, `for the ${n}th time`))
  for (let at = 0; at < since; at += 100) {
    await push('log:events', { conv, events: more.slice(at, at + 100) })
    await clock.advance(500)
  }
  engine.handle(historyRequested({ conv, beforeSeq: 92 }))
  await clock.advance(100)
  expect(of('history:page')).toHaveLength(asked)
  const [shown] = emitted.filter(historyArrived.match)
  expect(shown?.payload.messages.find(({ seq }) => seq === 60)?.body).toBe(asked ? 'message 60' : 'edited since')
})

it.each([
  [
    'from both sides',
    9,
    [
      [51, 90],
      [10, 49],
    ],
  ],
  ['at once, where one page is all of it', 50, [[51, 90]]],
  [
    'from the storage as far as that has it',
    47,
    [
      [51, 90],
      [48, 50],
    ],
  ],
])('a gap is read into %s', async (_, afterSeq, stretches) => {
  const { clock, engine, emitted, of } = await startScripted(
    {
      ...serving(() => 100),
      'history:page': ({ at, limit }) => {
        const from = 'afterSeq' in at ? at.afterSeq + 1 : 'beforeSeq' in at ? at.beforeSeq - limit : 0
        return { ok: true, messages: saysFrom(from, from + limit - 1), notes: [], start: false, rev: 100 }
      },
    },
    { storage: await holding(100) },
  )
  engine.handle(historyRequested({ conv, beforeSeq: 91, afterSeq }))
  await clock.advance(10)
  const shown = emitted
    .filter(historyArrived.match)
    .map(({ payload: { beforeSeq, messages } }) => [beforeSeq, messages[0]!.seq, messages.at(-1)!.seq])
  expect(new Set(shown)).toEqual(new Set(stretches.map((stretch) => [91, ...stretch])))
  // the storage holds what is newer than 50
  expect(of('history:page').map(({ at }) => at)).toEqual(stretches.length > 1 ? [{ afterSeq }] : [])
})

describe('a message that is sought', () => {
  const seeking = async (answer: Answers['history:page'], held = false) => {
    const it = await startScripted({ ...serving(() => 100), ...(answer && { 'history:page': answer }) }, { storage: await holding(100) })
    it.engine.handle(messageSought({ conv, id: messageId(9), held }))
    await it.clock.advance(10)
    return it
  }

  it('is asked for with what stands around it, and what happened since is in it', async () => {
    const { of, emitted, push } = await seeking(() => ({ ok: true, messages: saysFrom(5, 14), notes: [], start: false, rev: 100 }))
    expect(of('history:page')).toMatchObject([{ conv, at: { around: messageId(9) } }])
    const [stretch] = emitted.filter(stretchArrived.match)
    expect(stretch?.payload.messages.map(({ seq }) => seq)).toEqual(numbers(5, 14))
    await push('log:events', { conv, events: [heard(says(101))] })
    expect(emitted.filter(messagesArrived.match)).toHaveLength(1)
  })

  it('is not asked for when it is here', async () => {
    expect((await seeking(undefined, true)).of('history:page')).toEqual([])
  })

  it.each([
    ['there is none', refusal('E_NOT_FOUND'), true],
    ['there is no answer', refusal('E_TIMEOUT', { detail: 'line lost' }), false],
  ])('can’t be shown when %s', async (_, answer, gone) => {
    const { emitted } = await seeking(() => answer)
    expect(emitted.filter(stretchUnavailable.match).map(({ payload }) => payload)).toEqual([{ conv, id: messageId(9), gone }])
  })
})

describe('a hole', () => {
  it('between two pushes that overtook each other closes by itself', async () => {
    let last = 5
    const { of, push, clock, emitted } = await startScripted(
      serving(() => last),
      { storage: await holding(5) },
    )
    last = 7
    await push('log:events', { conv, events: [heard(says(7))] })
    await clock.advance(TIMING.GAP_MS / 2)
    await push('log:events', { conv, events: [heard(says(6))] })
    await clock.advance(TIMING.GAP_MS * 5)
    expect(emitted.filter(messagesArrived.match).flatMap(({ payload }) => payload.events.map(({ rev }) => rev))).toEqual([6, 7])
    expect(of('sync:pull')).toEqual([])
  })

  it('that stays open is asked for, as soon as two pushes that overtook each other would have closed it', async () => {
    let last = 5
    const { of, push, clock } = await startScripted(
      serving(() => last),
      { storage: await holding(5) },
    )
    const before = of('sync:pull').length
    last = 7
    await push('log:events', { conv, events: [heard(says(7))] })
    await clock.advance(TIMING.GAP_MS / 2)
    expect(of('sync:pull')).toHaveLength(before)
    await clock.advance(TIMING.GAP_MS)
    expect(of('sync:pull').slice(before)).toMatchObject([{ conv, from: 5 }])
  })

  it('in an answer is not taken for the log: nothing of it is applied, and the conversation is read anew', async () => {
    const storage = await holding(5)
    const { of, clock, emitted } = await startScripted(
      {
        hello: () => helloAnswer({ heads: { [conv]: headAt(8) } }),
        'sync:pull': ({ from }) => (from === 0 ? { ok: true, reset: resetTo(saysFrom(1, 8)) } : pulled(from, heardAll([says(6), says(8)]), 8)),
      },
      { storage },
    )
    await clock.advance(100)
    expect(of('sync:pull').map(({ from }) => from)).toEqual([5, 0])
    expect(emitted.filter(messagesArrived.match)).toEqual([])
    expect((await storage.page(conv, 9, 50, null)).messages.map(({ seq }) => seq)).toEqual(numbers(1, 8))
  })

  it('that a purge tears between two pages is one on screen as well, and what stays above it is checked for changes', async () => {
    const storage = await holding(100)
    const { engine, of, clock, emitted } = await startScripted(
      {
        hello: () => helloAnswer({ heads: { [conv]: headAt(500) } }),
        'sync:pull': ({ from }) =>
          from < 300 ? pulled(from, heardAll(saysFrom(from + 1, from + 200)), 500) : { ok: true, reset: resetTo(saysFrom(451, 500)) },
        'history:page': () => ({
          ok: true,
          messages: [says(299, ann, { version: 499, body: 'changed since' }), says(300)],
          notes: [],
          start: false,
          rev: 500,
        }),
      },
      { storage },
    )
    engine.handle(conversationOpened({ conv }))
    await clock.advance(1_000)
    expect(of('sync:pull').map(({ from }) => from)).toEqual([100, 300])

    // nothing is joined in what is kept: a page stops at the hole
    expect((await storage.load()).conversations).toMatchObject([{ rev: 500, seq: 500 }])
    expect((await storage.page(conv, 501, 500, null)).messages.map(({ seq }) => seq)).toEqual(numbers(451, 500))

    // nor on screen
    const state = emitted.reduce<RootState>(reducer, reducer(undefined, sessionStarted({ user: person(ann) })))
    const { messages } = selectTimeline(state, conv)
    const jumps = messages.flatMap(({ seq }, at) => (at > 0 && seq !== messages[at - 1]!.seq + 1 ? [`${messages[at - 1]!.seq}–${seq}`] : []))
    expect(jumps).toEqual(['300–451'])
    expect(of('history:page').map(({ at }) => at)).toContainEqual({ beforeSeq: 301 })
    expect(messages.find(({ seq }) => seq === 299)?.body).toBe('changed since')
  })
})

describe('an event that this build can’t read', () => {
  it('is kept aside, and what comes after it goes on', async () => {
    const db = openMemoryDb()
    const storage = await holding(5, memoryStorage(db))
    const { of, push, clock, emitted } = await startScripted(
      serving(() => 5),
      { storage },
    )
    const strange = { ...heard(says(7)), kind: 'poll', question: 'pizza?' }
    const damaged = { ...heard(says(8)), message: { seq: 'eight' } }
    await push('log:events', { conv, events: [heard(says(6)), strange, damaged, heard(says(7), 9)] })
    await clock.advance(1_000)
    expect(emitted.filter(messagesArrived.match).map(({ payload }) => [payload.events.map(({ rev }) => rev), payload.through.rev])).toEqual([
      [[6, 9], 9],
    ])
    expect((await storage.load()).conversations).toMatchObject([{ rev: 9, seq: 7 }])
    expect(of('sync:pull')).toEqual([])
    expect(await db.transact((tx) => tx.all('quarantine'))).toMatchObject([
      { rev: 7, kind: 'poll' },
      { rev: 8, kind: 'new' },
    ])
  })

  it('or that a screen chokes on, stops nothing: what came with it is shown, the cursor moves on, and nothing is pulled twice', async () => {
    const storage = await holding(5)
    const it = await startScripted(
      serving(() => 8),
      {
        storage,
        shows: (fact) => {
          if (messagesArrived.match(fact) && fact.payload.events.some(({ rev }) => rev === 7)) throw new Error('a reducer choked on event 7')
        },
      },
    )
    await it.clock.advance(1_000)
    expect(it.emitted.filter(messagesArrived.match).flatMap(({ payload }) => payload.events.map(({ rev }) => rev))).toEqual([6, 8])
    expect(it.reported.map(String)).toContain('Error: a reducer choked on event 7')
    expect((await storage.load()).conversations).toMatchObject([{ rev: 8, seq: 8 }])
    expect(it.of('sync:pull')).toHaveLength(1)
  })

  it('in a push that is no push at all: what it meant is asked for', async () => {
    let last = 5
    const it = await startScripted(
      { ...serving(() => last), 'sync:heads': () => ({ ok: true, ...NOTHING_NEW, heads: { [conv]: headAt(last) } }) },
      { storage: await holding(5) },
    )
    last = 6
    await it.push('log:events', { conv, events: [{ rev: 'six' }] })
    await it.clock.advance(100)
    expect(it.of('sync:heads')).toHaveLength(1)
    expect(it.emitted.filter(messagesArrived.match).map(({ payload }) => payload.through.rev)).toEqual([6])
    expect(it.network.dials).toHaveLength(1)
  })
})

describe('a cache that was deleted under the open page', () => {
  it('is filled again, so that what is written from then on is kept as well', async () => {
    const storage = await holding(100)
    let last = 100
    const it = await startScripted(
      serving(() => last),
      { storage },
    )
    await storage.drop(conv, [])
    for (last of [101, 102]) {
      await it.push('log:events', { conv, events: [heard(says(last))] })
      await it.clock.advance(100)
    }
    expect(it.of('sync:pull').map(({ from }) => from)).toEqual([0])
    expect((await storage.page(conv, 103, 500, null)).messages.map(({ seq }) => seq)).toEqual(numbers(52, 102))
  })

  it('is asked for three times in a minute at most, where there is no room for it any more', async () => {
    const storage = await holding(100)
    let last = 100
    const it = await startScripted(
      serving(() => last),
      { storage: { ...storage, reset: () => Promise.reject(new DOMException('no room', 'QuotaExceededError')) } },
    )
    await storage.drop(conv, [])
    for (last of numbers(101, 110)) {
      await it.push('log:events', { conv, events: [heard(says(last))] })
      await it.clock.advance(100)
    }
    expect(it.of('sync:pull').map(({ from }) => from)).toEqual([0, 0, 0])
    await it.listen(GIVEN_UP_MS)
    last = 111
    await it.push('log:events', { conv, events: [heard(says(last))] })
    await it.clock.advance(100)
    expect(it.of('sync:pull').map(({ from }) => from)).toEqual([0, 0, 0, 0])
    expect(it.emitted.filter(messagesArrived.match).at(-1)!.payload.through.rev).toBe(111)
  })
})

describe('an answer to a pull that comes too late', () => {
  it('because the storage sent the tab back meanwhile is not applied; the log is read on from there', async () => {
    const storage = await holding(100)
    const late: { from: number }[] = []
    let isLate = true
    const answers = serving(() => 400)
    const { of, push, clock, emitted, network } = await startScripted(
      {
        ...answers,
        'sync:pull': (request) => {
          if (!isLate) return answers['sync:pull']!(request)
          if (request.from < 200) return pulled(100, heardAll(saysFrom(101, 200)), 400)
          late.push(request)
          return undefined
        },
      },
      { storage },
    )
    expect(late).toMatchObject([{ from: 200 }])
    // another tab, which had lost what came after that, began anew
    await holding(100, storage)
    await push('log:events', { conv, events: [heard(says(201))] })
    isLate = false
    const before = emitted.length
    network
      .last()
      .requests.findLast(({ name }) => name === 'sync:pull')!
      .answered(answers['sync:pull']!({ conv, from: 200 }))
    await clock.advance(100)

    expect(of('sync:pull').map(({ from }) => from)).toEqual([100, 200, 100, 300])
    const applied = emitted
      .slice(before)
      .filter(messagesArrived.match)
      .flatMap(({ payload }) => payload.events.map(({ rev }) => rev))
    expect(applied).toEqual(numbers(101, 400))
    expect((await storage.load()).conversations).toMatchObject([{ rev: 400 }])
    expect((await storage.page(conv, 401, 500, null)).messages.map(({ seq }) => seq)).toEqual(numbers(51, 400))
  })

  it('is not read on from where a storage stands that this tab knows nothing of: only the server can say whose past that is', async () => {
    const storage = await holding(200)
    let last = 200
    const { of, push, clock } = await startScripted(
      serving(() => last),
      { storage },
    )
    last = 201
    await storage.reset({ ...resetTo(saysFrom(51, 100)), h: 'fedcba9876543210' }, { over: 'any past', settled: [] })
    await push('log:events', { conv, events: [heard(says(201))] })
    await clock.advance(100)
    expect(of('sync:pull').map(({ from }) => from)).toEqual([0])
    expect((await storage.load()).conversations).toMatchObject([{ rev: 201, h: headAt(201).h }])
  })

  it('because the server’s past turned out to be another one is not applied either', async () => {
    let isLate = true
    const { of, push, clock, emitted, network } = await startScripted(
      {
        'sync:heads': () => ({ ok: true, ...NOTHING_NEW, heads: { [conv]: headAt(30) }, diverged: isLate ? [conv] : [] }),
        'sync:pull': () => (isLate ? undefined : { ok: true, reset: resetTo(saysFrom(1, 30)) }),
      },
      { storage: await holding(200) },
    )
    await push('log:head', { conv, rev: 202, h: '0000000000000000' })
    await push('log:events', { conv: otherConv, events: [] })
    expect(of('sync:pull')).toMatchObject([{ from: 200 }])
    expect(of('sync:heads')).toHaveLength(1)
    isLate = false
    network
      .last()
      .requests.find(({ name }) => name === 'sync:pull')!
      .answered(pulled(200, heardAll(saysFrom(201, 202)), 202))
    await clock.advance(100)
    expect(emitted.filter(messagesArrived.match)).toEqual([])
    expect(of('sync:pull').map(({ from }) => from)).toContain(0)
    expect(emitted.filter(conversationReset.match).map(({ payload }) => payload.through.rev)).toContain(30)
  })
})

describe('very many events at once', () => {
  it('cost one transaction and one fact for each frame they come in', async () => {
    const inner = openMemoryDb()
    let transactions = 0
    const storage = await holding(5, memoryStorage({ ...inner, transact: (...parts) => (transactions++, inner.transact(...parts)) }))
    const { network, clock, emitted } = await startScripted(
      serving(() => 5),
      { storage },
    )
    await clock.advance(5_000)
    transactions = 0
    const BATCHES = 25
    for (let batch = 0; batch < BATCHES; batch++) {
      const first = 6 + batch * 200
      const messages = heardAll(saysFrom(first, first + 198))
      network.last().events.pushed('log:events', {
        conv,
        events: [...messages, edited(first, first + 199, 'better')].map((event, at) => ({ ...event, rev: first + at })),
      })
    }
    await clock.advance(TIMING.FRAME_MS)
    expect(emitted.filter(messagesArrived.match)).toHaveLength(2)
    expect((await storage.load()).conversations).toMatchObject([{ rev: 5 + BATCHES * 200 }])
    expect(transactions).toBeLessThanOrEqual(3)
  })
})

describe('a message that somebody wants to see and only the server has', () => {
  const dialling = async (db = openMemoryDb()) => {
    const it = scriptedEngine(
      { ...serving(() => 100), 'history:page': () => ({ ok: true, messages: saysFrom(5, 14), notes: [], start: false, rev: 100 }) },
      { storage: await holding(100, memoryStorage(db)) },
    )
    await it.clock.advance(1)
    it.network.last().events.engineOpened('websocket')
    return { ...it, seek: () => it.engine.handle(messageSought({ conv, id: messageId(9), held: false })) }
  }
  const soughtWhileDialling = async () => {
    const it = await dialling()
    it.seek()
    await it.clock.advance(1)
    expect(it.emitted.filter(stretchUnavailable.match)).toEqual([])
    return it
  }

  it('is asked for as soon as there is a line, when one is being made', async () => {
    const { connect, emitted, of } = await soughtWhileDialling()
    expect(of('history:page')).toEqual([])
    await connect()
    expect(of('history:page')).toHaveLength(1)
    expect(emitted.filter(stretchArrived.match)).toHaveLength(1)
  })

  it('is asked for when the line came while the storage was read for it', async () => {
    const inner = openMemoryDb()
    let goOn: (() => void) | undefined
    let reading = Promise.resolve()
    const { seek, connect, clock, emitted } = await dialling({
      ...inner,
      transact: async (...parts) => {
        await reading
        return inner.transact(...parts)
      },
    })
    reading = new Promise((resolve) => (goOn = resolve))
    seek()
    await connect()
    goOn?.()
    await clock.advance(1)
    expect(emitted.filter(stretchUnavailable.match)).toEqual([])
    expect(emitted.filter(stretchArrived.match)).toHaveLength(1)
  })

  it('is not asked for before hello is answered', async () => {
    const { engine, clock, emitted, of, connect } = scriptedEngine({ ...serving(() => 100), hello: () => undefined }, { storage: await holding(100) })
    await clock.advance(1)
    await connect()
    engine.handle(messageSought({ conv, id: messageId(9), held: false }))
    await clock.advance(1)
    expect(of('history:page')).toEqual([])
    expect(emitted.filter(stretchUnavailable.match)).toEqual([])
  })

  it('can’t be shown when the line that was being made is not', async () => {
    const { network, clock, emitted } = await soughtWhileDialling()
    network.last().events.lost('cut')
    await clock.advance(1)
    expect(emitted.filter(stretchUnavailable.match).map(({ payload }) => payload)).toEqual([{ conv, id: messageId(9), gone: false }])
  })
})
