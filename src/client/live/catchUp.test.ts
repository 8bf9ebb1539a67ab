import { describe, expect, it } from 'vitest'
import { CHAIN_START, type ConversationId, type UserId } from '#protocol/ids.ts'
import type { AnswerOf, RequestOf } from '#protocol/events.ts'
import { refusal, type Reply } from '#protocol/reply.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { Head } from '#protocol/sync.ts'
import { ann, factsOf, heard, says } from '#testing/clientBuilders.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { settle, virtualClock } from '#testing/virtualClock.ts'
import { openCatchUp } from './catchUp.ts'
import { openMoments } from './moments.ts'
import type { Storage } from './storage.ts'
import { TIMING } from './timing.ts'

type Pull = { conv: ConversationId; bytes: number | undefined; answer: (reply: Reply<AnswerOf<'sync:pull'>>) => Promise<void> }

const conv = (n: number) => `c${n}` as ConversationId

/** The n-th of a number of conversations with one message each, the later the newer. */
const saying = (n: number): ChatMessage => says(1, 'ben' as UserId, { conv: conv(n), at: n * 1_000 })
const head = (n: number, rev: number): Head => ({ rev, seq: rev, h: CHAIN_START, marksRev: 0, facts: factsOf({ id: conv(n) }) })
const heads = (ns: number[], rev: number): AnswerOf<'sync:heads'> => ({
  heads: Object.fromEntries(ns.map((n) => [conv(n), head(n, rev)])),
  left: [],
  diverged: [],
  urev: 0,
})

function world(storage: Storage = memoryStorage()) {
  const clock = virtualClock()
  const pulls: Pull[] = []
  const current: ConversationId[] = []
  const kept: [ConversationId, number][] = []
  const asked = { allCurrent: 0, left: [] as ConversationId[] }
  let onScreen: ConversationId | undefined
  let isSlow = false
  const catchUp = openCatchUp({
    me: ann,
    clock,
    moment: openMoments(),
    random: { unit: () => 0.5, bytes: () => {} },
    timing: TIMING,
    storage,
    request: ((_: string, request: RequestOf<'sync:pull'>) =>
      new Promise((resolve) => {
        pulls.push({ conv: request.conv, bytes: request.bytes, answer: async (reply) => (resolve(reply), settle()) })
      })) as never,
    emit: () => {},
    settle: () => {},
    kept: (which, seq) => void kept.push([which, seq]),
    outboxChanged: () => {},
    unsettled: () => {},
    lostPerhaps: async () => {},
    current: (which) => void current.push(which),
    allCurrent: () => void asked.allCurrent++,
    progressed: () => {},
    diverged: () => {},
    left: (which) => void asked.left.push(which),
    isSlow: () => isSlow,
    visible: () => onScreen,
    storageFailed: () => {},
  })
  const one = (n: number): Reply<AnswerOf<'sync:pull'>> => ({ ok: true, from: 0, to: 1, head: 1, events: [heard(saying(n), 1)] })
  /** Answers everything that is asked until nothing is, oldest first; `bad` is refused. */
  const answerAll = async (bad?: ConversationId, from = 0) => {
    for (let at = from; at < pulls.length; at++) {
      if (at - from > 100) throw new Error('asked without end')
      const pull = pulls[at]!
      await pull.answer(pull.conv === bad ? refusal('E_INTERNAL') : one(Number(pull.conv.slice(1))))
    }
  }
  return { clock, catchUp, pulls, current, kept, asked, one, answerAll, look: (n: number) => (onScreen = conv(n)), slowDown: () => (isSlow = true) }
}

const TEN = Array.from({ length: 10 }, (_, n) => n)

describe('catching up', () => {
  it('asks for as much at once as the line has shown to bring in a second, and for little on a new line', async () => {
    const { catchUp, pulls, clock } = world()
    const event = (n: number) => heard(says(n, 'ben' as UserId, { conv: conv(1) }), n)
    const page = (n: number): Reply<AnswerOf<'sync:pull'>> => ({ ok: true, from: n - 1, to: n, head: 9, events: [event(n)] })
    catchUp.compared(heads([1], 9))
    catchUp.up()
    for (const [at, tookMs] of [1_000, 500, 250, 50, 4_000, 60_000].entries()) {
      await clock.advance(tookMs)
      await pulls[at]!.answer(page(at + 1))
    }
    const KB = 1024
    expect(pulls.map(({ bytes }) => bytes)).toEqual([undefined, undefined, 32 * KB, 128 * KB, 128 * KB, 32 * KB, undefined])
    await clock.advance(100)
    catchUp.down()
    catchUp.up()
    expect(pulls.at(-1)!.bytes).toBe(undefined)
  })

  it('asks for four conversations at a time, and for one where answers take long: on such a line four would keep each other from coming', async () => {
    const fast = world()
    fast.catchUp.compared(heads(TEN, 1))
    fast.catchUp.up()
    expect(fast.pulls).toHaveLength(4)

    const { catchUp, pulls, current, slowDown, answerAll } = world()
    slowDown()
    catchUp.compared(heads(TEN, 1))
    catchUp.up()
    for (let n = 1; n <= 3; n++) {
      expect(pulls).toHaveLength(n)
      await pulls[n - 1]!.answer(refusal('E_INTERNAL'))
    }
    await answerAll(undefined, 3)
    expect(current).toHaveLength(7)
  })

  it('is not held up by one conversation that goes wrong, and tries that one again until it comes', async () => {
    const { clock, catchUp, pulls, current, asked, answerAll } = world()
    catchUp.compared(heads(TEN, 1))
    catchUp.up()
    await answerAll(conv(4))
    expect(current.toSorted()).toEqual(TEN.filter((n) => n !== 4).map(conv))
    expect(asked.allCurrent).toBe(0)

    const before = pulls.length
    await clock.advance(TIMING.BACKOFF_FIRST_MS)
    expect(pulls.slice(before).map((pull) => pull.conv)).toEqual([conv(4)])
    await answerAll(undefined, before)
    expect(current).toContain(conv(4))
    expect(asked.allCurrent).toBe(1)
    expect(asked.left).toEqual([])
  })

  it('is through when what was still missing is of a conversation that one is removed from', async () => {
    const { catchUp, pulls, asked } = world()
    catchUp.compared(heads([1], 1))
    catchUp.up()
    await pulls.at(-1)!.answer(refusal('E_STORAGE'))
    expect(asked.allCurrent).toBe(0)
    catchUp.forget(conv(1))
    expect(asked.allCurrent).toBe(1)
  })

  it('asks again later and later where the server can’t answer, and never before the server said', async () => {
    const { catchUp, pulls, clock } = world()
    catchUp.compared(heads([1], 1))
    catchUp.up()
    const askedAt: number[] = []
    const refused = async (retryAfterMs?: number) => {
      const before = pulls.length
      const from = clock.now()
      await pulls.at(-1)!.answer(refusal('E_STORAGE', retryAfterMs === undefined ? {} : { retryAfterMs }))
      for (let ms = 0; ms < 60_000 && pulls.length === before; ms += 100) await clock.advance(100)
      askedAt.push(clock.now() - from)
    }
    for (let n = 0; n < 3; n++) await refused()
    expect(askedAt[1]! / askedAt[0]!).toBeGreaterThan(1.5)
    expect(askedAt[2]! / askedAt[1]!).toBeGreaterThan(1.5)
    await refused(30_000)
    expect(askedAt[3]).toBeGreaterThanOrEqual(30_000)
  })

  it('asks for the conversation on screen first and the others by their last message, newest first', async () => {
    const { catchUp, pulls, look, answerAll } = world()
    catchUp.compared(heads(TEN, 1))
    catchUp.up()
    await answerAll()
    catchUp.down()

    const before = pulls.length
    look(2)
    catchUp.compared(heads(TEN, 2))
    catchUp.up()
    for (let at = before; at < pulls.length; at++) {
      const pull = pulls[at]!
      const n = Number(pull.conv.slice(1))
      await pull.answer({ ok: true, from: 1, to: 2, head: 2, events: [heard({ ...saying(n), ...says(2), conv: conv(n) }, 2)] })
    }
    expect(pulls.slice(before).map((pull) => pull.conv)).toEqual([2, 9, 8, 7, 6, 5, 4, 3, 1, 0].map(conv))
  })

  it('counts a refusal for good as having left, and goes on', async () => {
    const { catchUp, pulls, asked, current, one } = world()
    catchUp.compared(heads([0, 1], 1))
    catchUp.up()
    for (const pull of [...pulls]) await pull.answer(pull.conv === conv(0) ? refusal('E_NOT_MEMBER') : one(1))
    expect(asked.left).toEqual([conv(0)])
    expect(current).toEqual([conv(1)])
  })

  it('calls "delivered" only what the storage has taken', async () => {
    const storage = memoryStorage()
    let isFull = true
    const { catchUp, pulls, kept, one } = world({
      ...storage,
      append: (batch) => (isFull ? Promise.reject(new DOMException('full', 'QuotaExceededError')) : storage.append(batch)),
    })
    catchUp.compared(heads([1], 1))
    catchUp.up()
    await pulls[0]!.answer(one(1))
    expect(kept).toEqual([])
    isFull = false
    catchUp.arrived(conv(1), [heard({ ...saying(1), ...says(2), conv: conv(1) }, 2)])
    await settle()
    // the first is missing there: back to where the storage is, and on from there
    expect(kept).toEqual([])
    await pulls[1]!.answer({
      ok: true,
      from: 0,
      to: 2,
      head: 2,
      events: [heard(saying(1), 1), heard({ ...saying(1), ...says(2), conv: conv(1) }, 2)],
    })
    expect(kept).toEqual([[conv(1), 2]])
  })

  it('gives a storage up that stays full, instead of fetching everything again with each message', async () => {
    const storage = memoryStorage()
    const { catchUp, pulls } = world({
      ...storage,
      append: async (batch) => {
        const held = (await storage.load()).conversations.find((row) => row.conv === batch.conv)
        if (held && held.rev < batch.from) return { behind: held }
        throw new DOMException('full', 'QuotaExceededError')
      },
    })
    const event = (n: number) => heard(says(n, 'ben' as UserId, { conv: conv(1) }), n)
    const events = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => event(from + 1 + at))
    catchUp.compared(heads([1], 1))
    catchUp.up()
    await pulls[0]!.answer({ ok: true, from: 0, to: 1, head: 1, events: events(0, 1) })
    let asked = 0
    for (let n = 2; n <= 40; n++) {
      catchUp.arrived(conv(1), [event(n)])
      await settle()
      for (; pulls.length > asked + 1; asked++) await pulls[asked + 1]!.answer({ ok: true, from: 0, to: n, head: n, events: events(0, n) })
    }
    expect(asked).toBeLessThanOrEqual(3)
  })

  it('learns nothing older from an answer that a push has overtaken', () => {
    const { catchUp } = world()
    const log = () => catchUp.log(conv(1))!
    const member = (more: object) => ({ ...factsOf().members[1]!, ...more })
    catchUp.compared({ ...heads([], 0), heads: { [conv(1)]: { ...head(1, 1), marksRev: 3, facts: factsOf({ id: conv(1), name: 'new name' }) } } })
    catchUp.marked({ conv: conv(1), user: 'ben' as UserId, delivered: 9, read: 8, marksRev: 4 })
    const late = factsOf({ id: conv(1), name: 'old name', members: [member({ delivered: 5, read: 5 })] })
    catchUp.compared({ ...heads([], 0), heads: { [conv(1)]: { ...head(1, 0), marksRev: 2, facts: late } } })
    expect(log().facts.name).toBe('new name')
    expect(log().facts.members.find(({ id }) => id === 'ben')).toMatchObject({ delivered: 9, read: 8 })
    expect(log().marksRev).toBe(4)
  })

  it('forgets a conversation for good, whatever was still to be written about it', async () => {
    const storage = memoryStorage()
    let release = () => {}
    const { catchUp, pulls, one } = world({
      ...storage,
      append: async (batch) => {
        await new Promise<void>((resolve) => (release = resolve))
        return storage.append(batch)
      },
    })
    catchUp.compared(heads([1], 1))
    catchUp.up()
    await pulls[0]!.answer(one(1))
    catchUp.compared(heads([1], 1))
    catchUp.forget(conv(1))
    release()
    await settle()
    expect((await storage.load()).conversations).toEqual([])
  })
})
