import { describe, expect, it } from 'vitest'
import type { Action } from '@reduxjs/toolkit'
import type { AnswerOf, RequestOf } from '#protocol/events.ts'
import { CHAIN_START, type ClientId, type ConversationId, type MessageId } from '#protocol/ids.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { refusal, type Reply } from '#protocol/reply.ts'
import { ann, factsOf, says } from '#testing/clientBuilders.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { unreliableDb } from '#testing/unreliableDb.ts'
import { settle as settled, virtualClock } from '#testing/virtualClock.ts'
import { openMoments } from './moments.ts'
import { openOutbox } from './outbox.ts'
import type { Storage } from './storage.ts'
import { TIMING } from './timing.ts'

type Sent = { request: RequestOf<'message:send'>; answer: (reply: Reply<AnswerOf<'message:send'>>) => Promise<void> }

const conv = 'c1' as ConversationId
/** However many rows a transaction reads. */
const drained = () => new Promise<void>((resolve) => void setImmediate(resolve))
const uuid = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`

function world(storage: Storage = memoryStorage(), clock = virtualClock()) {
  const emitted: Action[] = []
  const sent: Sent[] = []
  const asked = { notMember: 0, tokenRefused: 0, trouble: 0, discarded: [] as ClientId[], otherwise: [] as [ClientId, string][] }
  let may = true
  let passed = 0
  const moment = openMoments()
  const outbox = openOutbox({
    clock,
    moment,
    random: { unit: () => 0.5, bytes: () => {} },
    timing: TIMING,
    storage,
    request: ((_: string, request: RequestOf<'message:send'>) =>
      new Promise((resolve) => {
        sent.push({ request, answer: async (reply) => (resolve(reply), settled()) })
      })) as never,
    emit: (fact) => void emitted.push(fact),
    maySend: () => may,
    isCurrent: () => may,
    through: () => passed,
    waiting: () => {},
    notMember: () => void asked.notMember++,
    tokenRefused: () => void asked.tokenRefused++,
    changed: () => {},
    reread: () => void storage.outbox().then((rows) => outbox.load(rows)),
    discarded: (_, clientId) => void asked.discarded.push(clientId),
    moved: () => {},
    sentOtherwise: (_, clientId, body) => void asked.otherwise.push([clientId, body]),
    kept: (which) => storage.own(ann, which, 0),
    storageFailed: () => void asked.trouble++,
  })
  let n = 0
  const write = async (body = `m${n + 1}`) => {
    const clientId = uuid(++n) as ClientId
    outbox.write({ conv, clientId, body, sentAt: n })
    await settled()
    return clientId
  }
  const bodies = (at = sent.length - 1) => sent[at]!.request.messages.map((message) => message.body)
  const stored = (from: number, at = sent.length - 1) => ({
    ok: true as const,
    results: sent[at]!.request.messages.map((message, i) => ({
      clientId: message.clientId,
      ok: true as const,
      id: uuid(500 + i) as MessageId,
      seq: from + i,
      rev: from + i,
      at: 1,
    })),
  })
  const of = (type: string) =>
    emitted.filter((fact) => fact.type === type).map((fact) => (fact as Action & { payload: Record<string, unknown> }).payload)
  return {
    clock,
    outbox,
    moment,
    sent,
    write,
    bodies,
    stored,
    of,
    asked,
    storage,
    allow: (value: boolean) => (may = value),
    pass: (seq: number) => (passed = seq),
  }
}

const LAG_MS = 200

function slowWorld() {
  const clock = virtualClock()
  return world(memoryStorage(unreliableDb(clock, { lagMs: () => LAG_MS, aborts: () => false }).db), clock)
}

/** Two tabs of one browser, neither of which may send: the leader knows of what the second one wrote. */
async function writtenBehindALeader(body: string) {
  const storage = memoryStorage()
  const [leader, second] = [world(storage), world(storage)]
  leader.allow(false)
  second.allow(false)
  const clientId = await second.write(body)
  leader.outbox.load(await storage.outbox())
  const leaderSends = async () => {
    leader.allow(true)
    leader.outbox.flushAll()
    await settled()
  }
  return { leader, second, clientId, storage, leaderSends }
}

describe('the outbox', () => {
  it('calls a row queued only after it is kept, and sends it after that', async () => {
    const { outbox, sent, of, allow } = world()
    allow(true)
    outbox.write({ conv, clientId: uuid(1) as ClientId, body: 'a', sentAt: 1 })
    expect(of('messageSaved')).toEqual([])
    expect(sent).toEqual([])
    await settled()
    expect(of('messageSaved')).toHaveLength(1)
    expect(sent).toHaveLength(1)
  })

  it('has one batch under way, in written order, and sends the rest after the answer', async () => {
    const { write, sent, bodies, stored } = world()
    await write()
    await write()
    await write()
    expect(sent).toHaveLength(1)
    expect(bodies(0)).toEqual(['m1'])
    await sent[0]!.answer(stored(1))
    expect(bodies(1)).toEqual(['m2', 'm3'])
  })

  it('sends in each conversation on its own, so that one that gets no answer holds up no other', async () => {
    const { outbox, write, sent } = world()
    await write('stuck')
    await write('behind it')
    const other = 'c2' as ConversationId
    outbox.write({ conv: other, clientId: uuid(901) as ClientId, body: 'elsewhere', sentAt: 1 })
    await settled()
    expect(sent.map(({ request }) => [request.conv, request.messages.map((message) => message.body)])).toEqual([
      [conv, ['stuck']],
      [other, ['elsewhere']],
    ])
  })

  it('sends the same ids again after any doubt, for ever', async () => {
    const { write, sent, clock, of } = world()
    const first = await write()
    for (let i = 0; i < 50; i++) {
      await sent[i]!.answer(refusal('E_TIMEOUT'))
      await clock.advance(TIMING.BACKOFF_SLOW_CAP_MS * 2)
    }
    expect(sent).toHaveLength(51)
    expect(new Set(sent.map((each) => each.request.messages[0]!.clientId))).toEqual(new Set([first]))
    expect(of('sendRefused')).toEqual([])
  })

  it('asks for half as many after a time-out, so that a slow line still gets something through', async () => {
    const { write, sent, clock, bodies, stored, allow } = world()
    allow(false)
    for (let i = 0; i < 8; i++) await write()
    allow(true)
    await write()
    expect(bodies()).toHaveLength(9)
    await sent[0]!.answer(refusal('E_TIMEOUT'))
    await clock.advance(5_000)
    expect(bodies()).toEqual(['m1', 'm2', 'm3', 'm4'])
    await sent[1]!.answer(stored(1))
    expect(bodies()).toEqual(['m5', 'm6', 'm7', 'm8', 'm9'])
  })

  it('fails only the row that is refused', async () => {
    const { write, sent, of, stored, allow } = world()
    allow(false)
    const [, bad] = [await write(), await write(), await write()]
    allow(true)
    await write()
    const answer = stored(1)
    await sent[0]!.answer({
      ok: true,
      results: answer.results.map((result) => (result.clientId === bad ? { clientId: bad, ok: false as const, code: 'E_TOO_BIG' as const } : result)),
    })
    expect(of('sendRefused')).toEqual([{ conv, clientId: bad, code: 'E_TOO_BIG' }])
    expect(of('messageStored')).toHaveLength(3)
  })

  it('waits as long as the server says when it was too much, keeping the order', async () => {
    const { write, sent, clock, of, bodies } = world()
    await write()
    await sent[0]!.answer(refusal('E_RATE', { retryAfterMs: 3_000 }))
    await write()
    await clock.advance(2_999)
    expect(sent).toHaveLength(1)
    await clock.advance(1)
    expect(bodies()).toEqual(['m1', 'm2'])
    expect(of('sendDelayed')[0]).toMatchObject({ code: 'E_RATE' })
  })

  it('takes a batch apart that the server chokes on, and fails only the row that provokes it', async () => {
    const { write, sent, clock, of, allow, stored } = world()
    allow(false)
    const [, poison] = [await write(), await write('poison'), await write()]
    allow(true)
    await write()
    for (let turns = 0; turns < 60 && of('messageStored').length < 3; turns++) {
      const last = sent.at(-1)!
      await last.answer(last.request.messages.some((message) => message.body === 'poison') ? refusal('E_INTERNAL') : stored(turns + 1))
      await clock.advance(60_000)
    }
    expect(of('sendRefused')).toEqual([{ conv, clientId: poison, code: 'E_SERVER_ERROR' }])
    expect(of('messageStored')).toHaveLength(3)
  })

  it('finds the row that the server chokes on within two minutes, however many wait with it', async () => {
    const { write, sent, clock, of, allow, stored } = world()
    allow(false)
    for (let n = 0; n < 12; n++) await write()
    const poison = await write('poison')
    for (let n = 0; n < 6; n++) await write()
    const since = clock.now()
    allow(true)
    await write()
    for (let turns = 0, answered = 0; of('messageStored').length < 19 && clock.now() - since < 120_000; turns++) {
      for (; answered < sent.length; answered++) {
        const { request, answer } = sent[answered]!
        await answer(request.messages.some((message) => message.body === 'poison') ? refusal('E_INTERNAL') : stored(turns + 1))
      }
      await clock.advance(250)
    }
    expect(of('sendRefused')).toEqual([{ conv, clientId: poison, code: 'E_SERVER_ERROR' }])
    expect(of('messageStored')).toHaveLength(19)
  })

  it('keeps a row in memory that storage would not take, says so, and sends it all the same', async () => {
    const storage = memoryStorage()
    const full: Storage = { ...storage, addOutbox: () => Promise.reject(new DOMException('full', 'QuotaExceededError')) }
    const { write, sent, of, asked, outbox } = world(full)
    await write()
    expect(of('messageKeptInMemory')).toHaveLength(1)
    expect(outbox.hasUnsaved()).toBe(true)
    expect(asked.trouble).toBe(1)
    expect(sent).toHaveLength(1)
  })

  it('sends in written order also when the first could not be kept and the second could', async () => {
    const clock = virtualClock()
    let isFull = true
    const { db } = unreliableDb(clock, { lagMs: () => 0, aborts: (strict) => strict && isFull })
    const { write, bodies, allow, outbox, storage } = world(memoryStorage(db), clock)
    allow(false)
    await write()
    expect(outbox.hasUnsaved()).toBe(true)
    isFull = false
    await write()
    expect(outbox.hasUnsaved()).toBe(false)
    expect((await storage.outbox()).rows.map((row) => row.body)).toEqual(['m1', 'm2'])
    allow(true)
    outbox.flushAll()
    await settled()
    expect(bodies(0)).toEqual(['m1', 'm2'])
  })

  it('keeps what one aborted transaction left in memory as soon as the storage takes it', async () => {
    const clock = virtualClock()
    let isFull = true
    const { db } = unreliableDb(clock, { lagMs: () => 0, aborts: (strict) => strict && isFull })
    const { write, outbox, allow, storage } = world(memoryStorage(db), clock)
    allow(false)
    await write()
    isFull = false
    await clock.advance(TIMING.REREAD_MS)
    expect(outbox.hasUnsaved()).toBe(false)
    expect((await storage.outbox()).rows).toHaveLength(1)
  })

  it('keeps everything that was written before it is closed, also in a fresh database', async () => {
    const clock = virtualClock()
    const { db } = unreliableDb(clock, { lagMs: () => 200, aborts: () => false })
    const { write, allow, storage, outbox } = world(memoryStorage(db), clock)
    allow(false)
    await write()
    await write()
    await clock.advance(50)
    let isClosed = false
    void outbox.close().then(() => (isClosed = true))
    await clock.advance(1_000)
    expect(isClosed).toBe(true)
    const rows = storage.outbox()
    await clock.advance(1_000)
    expect((await rows).rows.map((row) => row.body)).toEqual(['m1', 'm2'])
  })

  it('takes the draft of a message with it, even on the second try, and leaves the draft of the next', async () => {
    const clock = virtualClock()
    let isFull = true
    const { db } = unreliableDb(clock, { lagMs: () => 100, aborts: (strict) => strict && isFull })
    const { write, sent, stored, storage } = world(memoryStorage(db), clock)
    const drafts = async () => {
      const loaded = storage.load()
      await clock.advance(1_000)
      return (await loaded).drafts
    }
    void storage.keepDraft(conv, { text: 'hel' }, 0)
    storage.draftSent(conv)
    await write('hello')
    await clock.advance(500)
    isFull = false
    await sent[0]!.answer(stored(1))
    await clock.advance(TIMING.REREAD_MS)
    expect(await drafts()).toEqual({})
    await write('again')
    await write('and again')
    void storage.keepDraft(conv, { text: 'the next' }, 9)
    expect(await drafts()).toEqual({ [conv]: { text: 'the next' } })
  })

  it('knows which conversations have rows that no other tab can send', async () => {
    const storage = memoryStorage()
    const { write, outbox, allow } = world({ ...storage, addOutbox: () => Promise.reject(new DOMException('none', 'NotFoundError')) })
    allow(false)
    expect(outbox.hasOwnRows(conv)).toBe(false)
    await write()
    expect(outbox.hasOwnRows(conv)).toBe(true)
    const shared = world(storage)
    shared.allow(false)
    await shared.write()
    expect(shared.outbox.hasOwnRows(conv)).toBe(false)
  })

  it('sends neither a discarded row nor an old text, whatever a slower transaction had read', async () => {
    const clock = virtualClock()
    const { db } = unreliableDb(clock, { lagMs: () => 4, aborts: () => false })
    const { write, bodies, allow, outbox, storage } = world(memoryStorage(db), clock)
    allow(false)
    const discarded = await write()
    const edited = await write()
    await clock.advance(20)
    await write()
    await clock.advance(2)
    outbox.discard(conv, discarded, () => {})
    outbox.edit(conv, edited, 'better', () => {})
    await clock.advance(2)
    allow(true)
    outbox.flushAll()
    await clock.advance(100)
    expect(bodies(0)).toEqual(['better', 'm3'])
    await clock.advance(100)
    const kept = storage.outbox()
    await clock.advance(100)
    expect((await kept).rows.map((row) => row.body)).toEqual(['better', 'm3'])
  })

  it('never writes an older state over what another tab has reached', async () => {
    const storage = memoryStorage()
    const [first, second] = [world(storage), world(storage)]
    first.allow(false)
    second.allow(false)
    await first.write()
    second.outbox.load(await storage.outbox())
    first.allow(true)
    first.outbox.flushAll()
    await settled()
    await first.sent[0]!.answer(first.stored(7))
    second.allow(true)
    second.outbox.flushAll()
    await settled()
    // what another tab has sent already is not sent again
    expect(second.sent).toHaveLength(0)
    expect((await storage.outbox()).rows.map((row) => row.state.name)).toEqual(['stored'])
  })

  it('does not call refused where all tabs see it what another tab has brought to the server', async () => {
    const { leader, second, clientId, leaderSends } = await writtenBehindALeader('words')
    await leaderSends()
    second.allow(true)
    second.outbox.flushAll()
    await settled()
    await leader.sent[0]!.answer(leader.stored(7))
    await second.sent[0]!.answer({ ok: true, results: [{ clientId, ok: false, code: 'E_FORBIDDEN' }] })
    expect((await second.storage.outbox()).rows).toMatchObject([{ state: { name: 'stored', seq: 7 } }])
    second.outbox.load(await second.storage.outbox())
    expect(second.of('outboxLoaded').at(-1)).toMatchObject({ rows: [{ clientId, state: { name: 'stored' } }] })
  })

  it('discards nothing that another tab is sending already', async () => {
    const { second, clientId, leaderSends } = await writtenBehindALeader('secret')
    await leaderSends()
    let isTooLate = false
    second.outbox.discard(conv, clientId, () => (isTooLate = true))
    await settled()
    expect(isTooLate).toBe(true)
    expect(second.asked).toMatchObject({ discarded: [] })
    expect(second.of('outboxLoaded').at(-1)).toMatchObject({ rows: [{ clientId, state: { name: 'sending' } }] })
  })

  it('leaves a row to the tab that sends it, also while it waits for the storage to say that it was taken back too late', async () => {
    const inner = memoryStorage()
    let release = () => {}
    const isFree = new Promise<void>((resolve) => (release = resolve))
    const second = world({ ...inner, discardOutbox: (...row) => isFree.then(() => inner.discardOutbox(...row)) })
    const leader = world(inner)
    second.allow(false)
    const clientId = await second.write('on its way')
    leader.outbox.load(await inner.outbox())
    await settled()
    let deletions = 0
    second.outbox.discard(conv, clientId, () => deletions++)
    second.outbox.load(await inner.outbox())
    await settled()
    expect((await inner.outbox()).rows).toMatchObject([{ clientId, state: { name: 'sending' } }])
    release()
    await settled()
    expect(deletions).toBe(1)
  })

  it('offers again what another tab has taken out for a log that was lost', async () => {
    const { second, leader, clientId } = await writtenBehindALeader('seen by the leader')
    await leader.storage.removeOutbox([clientId])
    second.outbox.load(await second.storage.outbox())
    await second.outbox.offer(conv, [says(1, ann, { clientId, body: 'seen by the leader' })])
    second.allow(true)
    second.outbox.flushAll()
    await settled()
    expect(second.sent.flatMap(({ request }) => request.messages.map(({ body }) => body))).toEqual(['seen by the leader'])
  })

  it('brings nothing back when a discard that came too late ends after its message was seen in the log', async () => {
    const { second, clientId, leaderSends } = await writtenBehindALeader('on its way')
    await leaderSends()
    let deletions = 0
    second.outbox.discard(conv, clientId, () => deletions++)
    second.outbox.settled(conv, [{ clientId, body: 'on its way' }])
    const loads = second.of('outboxLoaded').length
    await settled()
    expect(deletions).toBe(1)
    expect(second.of('outboxLoaded')).toHaveLength(loads)
    expect(second.outbox.whereabouts(conv, clientId)).toBe('with the server')
  })

  it('edits nothing that another tab is sending already, and sends it with no other text itself', async () => {
    const { leader, second, clientId, leaderSends } = await writtenBehindALeader('as it was')
    await leaderSends()
    let isTooLate = false
    second.outbox.edit(conv, clientId, 'better', () => (isTooLate = true))
    await settled()
    expect(isTooLate).toBe(true)
    second.allow(true)
    second.outbox.flushAll()
    await settled()
    expect([leader.bodies(0), second.bodies(0)]).toEqual([['as it was'], ['as it was']])
  })

  it('has something that is kept nowhere while an edit came too late for a row that has left with another tab, until the log shows it', async () => {
    const { second, clientId, storage } = await writtenBehindALeader('as it was')
    await storage.removeOutbox([clientId])
    let tooLate = 0
    second.outbox.edit(conv, clientId, 'better', () => tooLate++)
    await settled()
    expect([tooLate, second.outbox.hasUnsaved()]).toEqual([0, true])
    second.outbox.settled(conv, [{ clientId, body: 'as it was' }])
    expect([tooLate, second.outbox.hasUnsaved()]).toEqual([1, false])
  })

  it('sends what another tab edited a moment before with the new text', async () => {
    const { leader, second, clientId, leaderSends } = await writtenBehindALeader('as it was')
    second.outbox.edit(conv, clientId, 'better', () => {})
    await leaderSends()
    expect(leader.bodies(0)).toEqual(['better'])
  })

  it('takes back what turns up in the log though it was discarded, as when the storage could not be told that it was on its way', async () => {
    const { write, outbox, allow } = world()
    allow(false)
    const clientId = await write('secret')
    let isTooLate = 0
    outbox.discard(conv, clientId, () => isTooLate++)
    await settled()
    expect(isTooLate).toBe(0)
    outbox.settled(conv, [{ clientId, body: 'secret' }])
    outbox.settled(conv, [{ clientId, body: 'secret' }])
    expect(isTooLate).toBe(1)
  })

  it.each([
    ['as it was, is edited there', { body: 'as it was' }, 1],
    ['as it was asked for, is left alone', { body: 'better' }, 0],
    ['as somebody edited it since, is left alone', { body: 'best', editedAt: 9 }, 0],
  ])('what was edited where it waited, and turns up in the log %s', async (_, there, edits) => {
    const { write, outbox, allow } = world()
    allow(false)
    const clientId = await write('as it was')
    let isTooLate = 0
    outbox.edit(conv, clientId, 'better', () => isTooLate++)
    await settled()
    expect(isTooLate).toBe(0)
    outbox.settled(conv, [{ clientId, ...there }])
    expect(isTooLate).toBe(edits)
  })

  it('takes nothing for sent that is newer than what was read', async () => {
    const { write, outbox, allow, storage } = world()
    allow(false)
    await write()
    const before = await storage.outbox()
    const clientId = await write()
    outbox.load(before)
    expect(outbox.whereabouts(conv, clientId)).toBe('on its way')
  })

  it('keeps a wish to itself when the storage was deleted before it could be kept there', async () => {
    const clock = virtualClock()
    const { db, wipe } = unreliableDb(clock, { lagMs: () => 0, aborts: () => false })
    const { write, outbox, allow, storage } = world(memoryStorage(db), clock)
    allow(false)
    const clientId = await write('as it was')
    wipe()
    outbox.edit(conv, clientId, 'better', () => expect.unreachable())
    await settled()
    outbox.load(await storage.outbox())
    await settled()
    expect((await storage.outbox()).rows.map(({ body }) => body)).toEqual(['better'])
  })

  it('is not edited back to an earlier wish that the storage took late', async () => {
    const inner = memoryStorage()
    let isFull = false
    const storage: Storage = {
      ...inner,
      changeOutbox: (...change) => (isFull ? Promise.reject(new DOMException('full', 'QuotaExceededError')) : inner.changeOutbox(...change)),
    }
    const { write, outbox, allow, sent, bodies, stored, clock } = world(storage)
    allow(false)
    const clientId = await write('as it was')
    const tooLate: string[] = []
    isFull = true
    outbox.edit(conv, clientId, 'better', () => tooLate.push('better'))
    await settled()
    isFull = false
    outbox.edit(conv, clientId, 'best', () => tooLate.push('best'))
    await settled()
    allow(true)
    outbox.flushAll()
    await settled()
    expect(bodies(0)).toEqual(['best'])
    await sent[0]!.answer(stored(1))
    outbox.settled(conv, [{ clientId, body: 'best' }])
    await clock.advance(TIMING.REREAD_MS)
    expect(tooLate).toEqual([])
  })

  it('lets go of what another tab discarded', async () => {
    const storage = memoryStorage()
    const [first, second] = [world(storage), world(storage)]
    first.allow(false)
    second.allow(false)
    const clientId = await first.write()
    second.outbox.load(await storage.outbox())
    first.outbox.discard(conv, clientId, () => {})
    await settled()
    expect(first.asked.discarded).toEqual([clientId])
    second.outbox.discardedElsewhere(conv, clientId, () => {})
    second.outbox.load(await storage.outbox())
    expect(second.of('outboxLoaded').at(-1)).toEqual({ rows: [] })
  })

  it('takes out of the storage what it has seen in the log, where the transaction that should have done so failed', async () => {
    const storage = memoryStorage()
    const { write, outbox } = world(storage)
    const clientId = await write()
    outbox.settled(conv, [{ clientId, body: 'secret' }])
    outbox.load(await storage.outbox())
    await settled()
    expect((await storage.outbox()).rows).toEqual([])
  })

  it('asks once for that, all together, however often it is still found there', async () => {
    const removals: (readonly ClientId[])[] = []
    const never = new Promise<void>(() => {})
    const storage = { ...memoryStorage(), removeOutbox: (clientIds: readonly ClientId[]) => (removals.push(clientIds), never) }
    const { write, outbox } = world(storage)
    const clientIds = [await write('one'), await write('two')]
    outbox.settled(
      conv,
      clientIds.map((clientId, n) => ({ clientId, body: n === 0 ? 'one' : 'two' })),
    )
    for (let reading = 0; reading < 3; reading++) {
      outbox.load(await storage.outbox())
      await settled()
    }
    expect(removals).toEqual([clientIds])
  })

  it('never shows again what the log has shown, though another tab has still to take it out', async () => {
    const storage = memoryStorage()
    const elsewhere = world(storage)
    const clientId = await elsewhere.write()
    const { outbox, of, sent } = world(storage)
    outbox.settled(conv, [{ clientId, body: 'secret' }])
    outbox.load(await storage.outbox())
    expect(of('outboxLoaded')).toEqual([{ rows: [] }])
    expect(sent).toEqual([])
  })

  it('keeps in sight what another tab knows to be in the log, until this tab is there too', async () => {
    const storage = memoryStorage()
    const { write, outbox, of, sent, allow, moment } = world(storage)
    const clientId = await write()
    allow(false)
    await sent[0]!.answer(refusal('E_TIMEOUT', { detail: 'line lost' }))
    await storage.removeOutbox([clientId])
    const before = moment()
    outbox.load(await storage.outbox())
    expect(of('outboxLoaded').at(-1)).toMatchObject({ rows: [{ clientId, state: { name: 'sending' } }] })
    allow(true)
    outbox.flushAll()
    expect(sent).toHaveLength(1)
    outbox.caughtUp(conv, before)
    expect(of('outboxRowRemoved')).toEqual([])
    outbox.caughtUp(conv, moment())
    expect(of('outboxRowRemoved')).toEqual([{ conv, clientId }])
  })

  it('loses nothing when the database is deleted while the page is open', async () => {
    const clock = virtualClock()
    const { db, wipe } = unreliableDb(clock, { lagMs: () => 0, aborts: () => false })
    const { write, bodies, allow, outbox, storage } = world(memoryStorage(db), clock)
    allow(false)
    await write()
    await write()
    wipe()
    await write()
    expect((await storage.outbox()).rows.map((row) => row.body)).toEqual(['m1', 'm2', 'm3'])
    expect(outbox.hasUnsaved()).toBe(false)
    allow(true)
    outbox.flushAll()
    await settled()
    expect(bodies(0)).toEqual(['m1', 'm2', 'm3'])
  })

  it('waits no longer than the server said, though the clock is set back meanwhile', async () => {
    const { write, sent, clock } = world()
    await write()
    await sent[0]!.answer(refusal('E_RATE', { retryAfterMs: 3_000 }))
    clock.set(clock.now() - 3_600_000)
    await clock.advance(3_000)
    expect(sent).toHaveLength(2)
  })

  it('gives a row back to its place when another tab wrote before it', async () => {
    const storage = memoryStorage()
    await storage.addOutbox([{ conv, clientId: uuid(900) as ClientId, body: 'other tab', sentAt: 1, state: { name: 'queued', memory: false } }], null)
    const { write, bodies, allow, outbox } = world(storage)
    allow(false)
    await write()
    allow(true)
    outbox.flushAll()
    await settled()
    expect(bodies(0)).toEqual(['other tab', 'm1'])
  })

  it('lets a row go that the log has passed already, as no event will come for it', async () => {
    const { write, sent, stored, of, pass, storage } = world()
    const clientId = await write()
    pass(9)
    await sent[0]!.answer(stored(9))
    expect(of('outboxRowRemoved')).toEqual([{ conv, clientId }])
    expect((await storage.outbox()).rows).toEqual([])
  })

  it('lets a row go that was acknowledged when the log is reset beyond it, once the server says that it has it still', async () => {
    const { write, sent, stored, storage, outbox, pass, moment, bodies } = world()
    await write()
    await sent[0]!.answer(stored(7))
    pass(5_000)
    outbox.caughtUp(conv, moment())
    await settled()
    expect(bodies()).toEqual(['m1'])
    expect(sent).toHaveLength(2)
    await sent[1]!.answer(stored(7))
    expect((await storage.outbox()).rows).toEqual([])
  })

  it('sends a row again that was acknowledged by a server that was then restored without it, unnoticed by the log', async () => {
    const { write, sent, stored, storage, outbox, pass, moment } = world()
    const clientId = await write()
    await sent[0]!.answer(stored(7))
    pass(7)
    outbox.caughtUp(conv, moment())
    await settled()
    await sent[1]!.answer(stored(8))
    expect((await storage.outbox()).rows).toMatchObject([{ clientId, state: { name: 'stored', seq: 8 } }])
  })

  it('asks for a new token once and waits, when the old one is refused', async () => {
    const { write, sent, asked, clock } = world()
    await write()
    await sent[0]!.answer(refusal('E_AUTH_EXPIRED'))
    expect(asked.tokenRefused).toBe(1)
    expect(sent).toHaveLength(1)
    await clock.advance(TIMING.BACKOFF_FIRST_MS * 2)
    expect(sent).toHaveLength(2)
  })

  it('resumes after a reload with what was never answered, in order', async () => {
    const storage = memoryStorage()
    const before = world(storage)
    await before.write()
    await before.write()
    const after = world(storage)
    after.outbox.load(await storage.outbox())
    await settled()
    expect(after.bodies(0)).toEqual(['m1', 'm2'])
    expect(after.sent[0]!.request.messages[0]!.clientId).toBe(uuid(1))
    expect((after.of('outboxLoaded')[0]!['rows'] as { state: { name: string } }[])[0]!.state.name).toBe('sending')
  })

  it('shows a discarded row until it has left the storage, so that no page brings it back', async () => {
    const { write, outbox, of, allow, clock } = slowWorld()
    allow(false)
    const clientId = await write()
    await clock.advance(LAG_MS)
    outbox.discard(conv, clientId, () => {})
    // Pressed twice: the second time says nothing new.
    outbox.discard(conv, clientId, () => expect.unreachable())
    await clock.advance(LAG_MS - 1)
    expect(of('outboxRowRemoved')).toEqual([])
    await clock.advance(1)
    expect(of('outboxRowRemoved')).toEqual([{ conv, clientId }])
  })

  it('shows another text of a waiting row when it is kept', async () => {
    const { write, outbox, of, allow, clock } = slowWorld()
    allow(false)
    const clientId = await write()
    await clock.advance(LAG_MS)
    outbox.edit(conv, clientId, 'better', () => {})
    await clock.advance(LAG_MS - 1)
    expect(of('outboxLoaded')).toEqual([])
    await clock.advance(1)
    expect(of('outboxLoaded')).toMatchObject([{ rows: [{ clientId, body: 'better' }] }])
  })

  it('has something that is kept nowhere until the storage has taken what was done to a row that waits', async () => {
    const { write, outbox, allow, clock } = slowWorld()
    allow(false)
    const [edited, discarded] = [await write(), await write()]
    await clock.advance(2 * LAG_MS)
    expect(outbox.hasUnsaved()).toBe(false)
    outbox.edit(conv, edited, 'better', () => {})
    expect(outbox.hasUnsaved()).toBe(true)
    await clock.advance(LAG_MS)
    expect(outbox.hasUnsaved()).toBe(false)
    outbox.discard(conv, discarded, () => {})
    expect(outbox.hasUnsaved()).toBe(true)
    await clock.advance(LAG_MS)
    expect(outbox.hasUnsaved()).toBe(false)
  })

  it('takes a discarded row off the screen at once where nothing can be kept', async () => {
    const clock = virtualClock()
    const { write, outbox, of, allow } = world(memoryStorage(unreliableDb(clock, { lagMs: () => 0, aborts: () => true }).db), clock)
    allow(false)
    const clientId = await write()
    outbox.discard(conv, clientId, () => {})
    expect(of('outboxRowRemoved')).toEqual([{ conv, clientId }])
  })

  it('discards and edits only what never left', async () => {
    const { write, outbox, storage, of, allow, sent } = world()
    allow(false)
    const waiting = await write('draft')
    const tooLate: string[] = []
    outbox.edit(conv, waiting, 'better', () => tooLate.push('wrong'))
    await settled()
    expect((await storage.outbox()).rows[0]!.body).toBe('better')
    outbox.discard(conv, waiting, () => tooLate.push('wrong'))
    await settled()
    expect((await storage.outbox()).rows).toEqual([])
    expect(of('outboxRowRemoved')).toHaveLength(1)
    allow(true)
    const underWay = await write('gone')
    outbox.discard(conv, underWay, () => tooLate.push('deleted'))
    outbox.edit(conv, underWay, 'instead', () => tooLate.push('edited'))
    await settled()
    expect(tooLate).toEqual(['deleted', 'edited'])
    expect((await storage.outbox()).rows[0]!.body).toBe('gone')
    expect(sent).toHaveLength(1)
  })

  it('calls nothing "not sent" that the server has with another text, and asks for the text that is wanted', async () => {
    const { write, sent, of, asked } = world()
    const clientId = await write('as it is wanted')
    await sent[0]!.answer({ ok: true, results: [{ clientId, ok: false, code: 'E_ID_CONFLICT' }] })
    expect(of('sendRefused')).toEqual([])
    expect(of('outboxRowRemoved')).toEqual([{ conv, clientId }])
    expect(asked.otherwise).toEqual([[clientId, 'as it is wanted']])
  })

  it('tries a refused row again under the same id', async () => {
    const { write, outbox, sent } = world()
    const clientId = await write()
    await sent[0]!.answer({ ok: true, results: [{ clientId, ok: false, code: 'E_FORBIDDEN' }] })
    outbox.retry(conv, clientId)
    await settled()
    expect(sent[1]!.request.messages[0]!.clientId).toBe(clientId)
  })

  it('sends a retried row again, though another is written before the answer', async () => {
    const clock = virtualClock()
    const { db } = unreliableDb(clock, { lagMs: () => 4, aborts: () => false })
    const { write, outbox, sent, bodies } = world(memoryStorage(db), clock)
    const clientId = await write()
    await clock.advance(20)
    await sent[0]!.answer({ ok: true, results: [{ clientId, ok: false, code: 'E_FORBIDDEN' }] })
    await clock.advance(20)
    outbox.retry(conv, clientId)
    await write()
    await clock.advance(20)
    await sent[1]!.answer(refusal('E_TIMEOUT'))
    await clock.advance(60_000)
    expect(bodies(2)).toEqual(['m1'])
  })

  it('is not called refused again by the late keeping of a refusal that a Retry has overtaken', async () => {
    const clock = virtualClock()
    let fails = false
    const { db } = unreliableDb(clock, { lagMs: () => 0, aborts: () => fails })
    const { write, outbox, sent, storage } = world(memoryStorage(db), clock)
    const clientId = await write()
    fails = true
    await sent[0]!.answer({ ok: true, results: [{ clientId, ok: false, code: 'E_FORBIDDEN' }] })
    fails = false
    outbox.retry(conv, clientId)
    await clock.advance(3_000)
    expect((await storage.outbox()).rows[0]!.state.name).toBe('sending')
    outbox.load(await storage.outbox())
    await sent[1]!.answer(refusal('E_TIMEOUT', { detail: 'line lost' }))
    outbox.flushAll()
    expect(sent).toHaveLength(3)
  })

  it('says again that only this tab has it, when it is tried again after a refusal', async () => {
    const storage = memoryStorage()
    const { write, outbox, sent, of } = world({ ...storage, addOutbox: () => Promise.reject(new DOMException('none', 'NotFoundError')) })
    const clientId = await write()
    await sent[0]!.answer({ ok: true, results: [{ clientId, ok: false, code: 'E_FORBIDDEN' }] })
    const before = of('messageKeptInMemory').length
    outbox.retry(conv, clientId)
    expect(of('messageKeptInMemory')).toHaveLength(before + 1)
  })

  it('asks about what went out unanswered before calling it "not sent" to somebody who was removed', async () => {
    const { write, outbox, sent, of, stored, allow } = world()
    const first = await write()
    allow(false)
    await sent[0]!.answer(refusal('E_TIMEOUT', { detail: 'line lost' }))
    const never = await write('never sent')
    outbox.left(conv, Infinity)
    await settled()
    expect(of('sendRefused')).toEqual([{ conv, clientId: never, code: 'E_NOT_MEMBER' }])
    await sent[1]!.answer(stored(7))
    expect(of('outboxRowRemoved')).toEqual([{ conv, clientId: first }])
    expect(of('sendRefused')).toHaveLength(1)
  })

  it('finds the one message that makes the server fail when somebody who was removed asks about several', async () => {
    const { write, outbox, sent, of, stored, allow, bodies } = world()
    allow(false)
    const poison = await write('poison')
    for (const body of ['good', 'better', 'best']) await write(body)
    allow(true)
    outbox.flushAll()
    await settled()
    allow(false)
    await sent[0]!.answer(refusal('E_TIMEOUT', { detail: 'line lost' }))
    for (let turn = 0; of('sendRefused').length === 0 && turn < 20; turn++) {
      outbox.left(conv, Infinity)
      await settled()
      await sent.at(-1)!.answer(refusal('E_INTERNAL'))
    }
    expect(of('sendRefused')).toEqual([{ conv, clientId: poison, code: 'E_SERVER_ERROR' }])
    for (const body of ['good', 'better', 'best']) {
      expect(bodies()).toEqual([body])
      await sent.at(-1)!.answer(stored(7))
    }
    expect(of('sendRefused')).toHaveLength(1)
    expect(of('outboxRowRemoved')).toHaveLength(3)
  })

  it('calls nothing "not sent" that it has sent itself, though another tab, which could not know, has called it so (seed 34849)', async () => {
    const inner = memoryStorage()
    let [tries, go] = [0, () => {}]
    const gate = new Promise<void>((resolve) => (go = resolve))
    // The first time it can't be kept; the second time it is, and the answer takes long.
    const addOutbox: Storage['addOutbox'] = async (rows, life) => {
      if (++tries === 1) throw new DOMException('full', 'QuotaExceededError')
      await inner.addOutbox(rows, life)
      await gate
      return inner.outbox()
    }
    const { write, outbox, sent, of, stored, allow, clock, bodies } = world({ ...inner, addOutbox })
    allow(false)
    const clientId = await write('on its way')
    await clock.advance(TIMING.REREAD_MS)
    allow(true)
    outbox.flushAll()
    await settled()
    expect(bodies()).toEqual(['on its way'])

    const second = world(inner)
    second.allow(false)
    second.outbox.load(await inner.outbox())
    second.outbox.left(conv, Infinity)
    await settled()
    expect(second.of('sendRefused')).toHaveLength(1)
    go()
    await settled()
    allow(false)
    await sent[0]!.answer(refusal('E_STORAGE'))
    outbox.left(conv, Infinity)
    await settled()
    expect(of('outboxLoaded').at(-1)).not.toMatchObject({ rows: [{ state: { name: 'refused' } }] })
    expect((await inner.outbox()).rows).toMatchObject([{ clientId, state: { name: 'sending' } }])
    await sent[1]!.answer(stored(7))
    expect(of('outboxRowRemoved')).toEqual([{ conv, clientId }])
    expect(of('sendRefused')).toEqual([])
  })

  it('asks the server no more about what it was told is not sent, though another tab that sent it too asks for itself (seed 23503)', async () => {
    const { leader, second, leaderSends, storage } = await writtenBehindALeader('words')
    await leaderSends()
    second.allow(true)
    second.outbox.flushAll()
    await settled()
    const both = [leader, second]
    for (const { allow, sent } of both) {
      allow(false)
      await sent[0]!.answer(refusal('E_TIMEOUT', { detail: 'line lost' }))
    }
    for (let turn = 1; turn <= 3; turn++)
      for (const tab of both) {
        tab.outbox.left(conv, Infinity)
        await settled()
        await tab.sent[turn]?.answer(refusal('E_NOT_MEMBER'))
        for (const { outbox } of [...both, ...both]) {
          outbox.load(await storage.outbox())
          await settled()
        }
      }
    expect(both.map(({ sent }) => sent.length)).toEqual([2, 2])
    expect((await storage.outbox()).rows).toMatchObject([{ state: { name: 'refused', code: 'E_NOT_MEMBER' } }])
  })

  it('calls nothing "not sent" that another tab has sent, though it had not heard of that', async () => {
    const { leader, second, leaderSends } = await writtenBehindALeader('words')
    await leaderSends()
    second.outbox.left(conv, Infinity)
    await settled()
    expect(second.of('sendRefused')).toEqual([])
    leader.outbox.load(await leader.storage.outbox())
    await leader.sent[0]!.answer(refusal('E_TIMEOUT', { detail: 'line lost' }))
    leader.outbox.left(conv, Infinity)
    second.outbox.left(conv, Infinity)
    await settled()
    // the server may have taken it before the person was removed: both ask
    expect([leader.bodies(1), second.bodies(0)]).toEqual([['words'], ['words']])
  })

  it('sends nothing after a claim that took so long that the line is another one', async () => {
    const storage = memoryStorage()
    let release = () => {}
    const isFree = new Promise<void>((resolve) => (release = resolve))
    const slow: Storage = { ...storage, claimOutbox: (...claim) => isFree.then(() => storage.claimOutbox(...claim)) }
    const { write, allow, sent, outbox, bodies } = world(slow)
    await write('words')
    allow(false)
    release()
    await isFree
    await settled()
    expect(sent).toEqual([])
    allow(true)
    outbox.flushAll()
    await settled()
    expect(bodies(0)).toEqual(['words'])
  })

  it('takes a row away that another tab discarded, though it was found missing before that was told', async () => {
    const { leader, second, clientId } = await writtenBehindALeader('words')
    second.outbox.discard(conv, clientId, () => {})
    await settled()
    leader.outbox.load(await leader.storage.outbox())
    let isTooLate = false
    leader.outbox.discardedElsewhere(conv, clientId, () => (isTooLate = true))
    expect(isTooLate).toBe(false)
    expect(leader.of('outboxRowRemoved')).toEqual([{ conv, clientId }])
  })
})

it.each([
  ['is called sent, with its place there, by a tab that has no line of its own', 6, 1],
  ['is not called sent where that place is taken by something else, as when the other tab has met a restored server', 7, 0],
])('a row that another tab saw in the log %s', async (_, through, told) => {
  const { second, clientId } = await writtenBehindALeader('words')
  const { storage, clock } = second
  const sent = { ...says(7, ann), conv, clientId }
  const facts = factsOf({ id: conv })
  await storage.reset({ rev: 7, h: CHAIN_START, seq: 7, messages: [sent], notes: [], marksRev: 0, facts }, { over: 'any past', settled: [clientId] })
  second.outbox.load(await storage.outbox())
  expect(second.of('outboxLoaded').at(-1)).toMatchObject({ rows: [{ clientId, state: { name: 'sending' } }] })
  second.pass(through)
  await clock.advance(TIMING.REREAD_MS)
  expect(second.of('messageStored')).toEqual(Array.from({ length: told }, () => ({ conv, clientId, id: sent.id, seq: 7, at: sent.at })))
})

describe('own messages that a restored server may have lost', () => {
  const lost = (n: number): ChatMessage => ({ ...says(n, ann), conv })

  it('go out before what was written since, also from the next page', async () => {
    const before = world()
    before.allow(false)
    await before.write('new words')
    await before.outbox.offer(conv, [lost(50), lost(51)])
    await before.outbox.close()
    const next = world(before.storage)
    next.outbox.load(await next.storage.outbox())
    await settled()
    expect(next.sent.flatMap((_, at) => next.bodies(at))).toEqual(['message 50', 'message 51', 'new words'])
  })

  it('are changed only as what the server may have', async () => {
    const { allow, outbox } = world()
    allow(false)
    await outbox.offer(conv, [lost(50)])
    const tooLate: string[] = []
    outbox.edit(conv, lost(50).clientId, 'better', () => tooLate.push('edited'))
    outbox.discard(conv, lost(50).clientId, () => tooLate.push('deleted'))
    expect(tooLate).toEqual(['edited', 'deleted'])
    expect(outbox.whereabouts(conv, lost(50).clientId)).toBe('on its way')
  })

  it('are left to the tab that offers them again, by one that still believes in the log that showed them', async () => {
    const { leader, second, clientId } = await writtenBehindALeader('words')
    const { storage } = leader
    second.outbox.settled(conv, [{ clientId, body: 'words' }])
    await storage.removeOutbox([clientId])
    leader.outbox.load(await storage.outbox())
    await leader.clock.advance(1_000)
    leader.outbox.offerAgain([conv])
    await settled()
    second.outbox.load(await storage.outbox())
    await settled()
    expect((await storage.outbox()).rows).toMatchObject([{ clientId, state: { name: 'sending' } }])
    expect(second.of('outboxLoaded').at(-1)).toEqual({ rows: [] })
    second.outbox.offerAgain([conv])
    await settled()
    expect(second.of('outboxLoaded').at(-1)).toMatchObject({ rows: [{ clientId }] })
  })

  it('are left there also by one that saw them in that log, though the clock was set back since', async () => {
    const { leader, second, clientId } = await writtenBehindALeader('words')
    const { storage } = leader
    await storage.changeOutbox([clientId], (row) => ({ ...row, state: { name: 'stored', id: uuid(500) as MessageId, seq: 7, at: 1 } }))
    leader.outbox.load(await storage.outbox())
    second.outbox.settled(conv, [{ clientId, body: 'words' }])
    leader.clock.set(leader.clock.now() - 3_600_000)
    leader.outbox.offerAgain([conv])
    await settled()
    second.outbox.load(await storage.outbox())
    await settled()
    expect((await storage.outbox()).rows).toMatchObject([{ clientId, state: { name: 'sending' } }])
  })

  it('are asked of the server where another tab took them out with the log that showed them, once this one knows that it is lost', async () => {
    const { leader, second, clientId } = await writtenBehindALeader('words')
    const { storage } = leader
    second.outbox.offerAgain([conv])
    await storage.changeOutbox([clientId], (row) => ({ ...row, state: { name: 'sending', since: 1, memory: false } }))
    second.outbox.load(await storage.outbox())
    await storage.removeOutbox([clientId])
    second.outbox.load(await storage.outbox())
    second.allow(true)
    second.outbox.caughtUp(conv, Infinity)
    await settled()
    expect(second.sent.flatMap((_, at) => second.bodies(at))).toEqual(['words'])
    expect(second.outbox.whereabouts(conv, clientId)).toBe('on its way, in this tab only')
    await second.sent[0]!.answer({ ok: true, results: [{ clientId, ok: true, id: uuid(500) as MessageId, seq: 7, rev: 7, at: 1, gone: true }] })
    expect(second.of('outboxRowRemoved')).toEqual([{ conv, clientId }])
  })

  it('are not asked for where they were taken back before they went out, though that was told to nobody', async () => {
    const { leader, second, clientId, leaderSends } = await writtenBehindALeader('words')
    leader.outbox.offerAgain([conv])
    second.outbox.discard(conv, clientId, () => {})
    await settled()
    await leaderSends()
    leader.outbox.caughtUp(conv, Infinity)
    await settled()
    expect(leader.sent).toEqual([])
  })

  it('go out without what they reply to, where that was lost as well', async () => {
    const { outbox, sent, of, stored } = world()
    const clientId = uuid(1) as ClientId
    outbox.write({ conv, clientId, body: 'yes', sentAt: 1, replyTo: uuid(700) as MessageId })
    await settled()
    await sent[0]!.answer(stored(7))
    outbox.offerAgain([conv])
    outbox.flushAll()
    await settled()
    await sent[1]!.answer({ ok: true, results: [{ clientId, ok: false, code: 'E_NOT_FOUND' }] })
    expect(sent.map(({ request }) => request.messages[0])).toMatchObject([{ replyTo: uuid(700) }, { replyTo: uuid(700) }, { clientId, body: 'yes' }])
    expect(sent[2]!.request.messages[0]).not.toHaveProperty('replyTo')
    expect(of('sendRefused')).toEqual([])
  })

  it('show as refused what was called sent, where the server takes it no more', async () => {
    const { outbox, sent, of, stored, write } = world()
    const clientId = await write()
    await sent[0]!.answer(stored(7))
    outbox.caughtUp(conv, Infinity)
    await settled()
    await sent[1]!.answer({ ok: true, results: [{ clientId, ok: false, code: 'E_FORBIDDEN' }] })
    expect(of('outboxLoaded').at(-1)).toMatchObject({ rows: [{ clientId, state: { name: 'refused' } }] })
  })

  it('go out in their order, though they were found to be lost one after the other', async () => {
    const { allow, write, outbox, sent, bodies } = world()
    allow(false)
    await write('new words')
    await outbox.offer(conv, [lost(50)])
    await outbox.offer(conv, [lost(51)])
    allow(true)
    outbox.flushAll()
    await settled()
    expect(sent.flatMap((_, at) => bodies(at))).toEqual(['message 50', 'message 51', 'new words'])
  })
})

describe('what was written more than a day ago and never sent', () => {
  it('is asked about also where it has become so old while the page was open', async () => {
    const { outbox, allow, clock, of, sent } = world()
    const writes = async (n: number) => {
      outbox.write({ conv, clientId: uuid(n) as ClientId, body: `m${n}`, sentAt: clock.now() })
      await settled()
    }
    allow(false)
    await writes(90)
    await clock.advance(25 * 3_600_000)
    allow(true)
    await writes(91)
    expect(of('oldUnsentCounted')).toEqual([{ count: 1 }])
    expect(sent).toEqual([])
  })

  const DAY_MS = 24 * 3_600_000
  const count = (of: (type: string) => unknown[]) => of('oldUnsentCounted').at(-1)

  /** Somebody wrote without a line, closed the page, and is back after days. */
  async function backAfterDays(written: number) {
    const before = world()
    before.allow(false)
    for (let n = 0; n < written; n++) await before.write()
    await before.outbox.close()
    const clock = virtualClock(1_000_000 + 3 * DAY_MS)
    const now = world(before.storage, clock)
    now.outbox.load(await now.storage.outbox())
    await settled()
    const writesNow = async () => {
      now.outbox.write({ conv, clientId: uuid(900) as ClientId, body: 'now', sentAt: clock.now() })
      await settled()
    }
    return { ...now, writesNow }
  }

  it('waits for a word, and the person is asked how many', async () => {
    const { sent, of, outbox } = await backAfterDays(120)
    outbox.flushAll()
    expect(sent).toHaveLength(0)
    expect(count(of)).toEqual({ count: 120 })
  })

  it('goes out in batches of 20, in its order and with the time it was written at, once the person says so', async () => {
    const { sent, outbox, bodies, stored, of } = await backAfterDays(45)
    outbox.allowOld()
    expect(count(of)).toEqual({ count: 0 })
    for (let batch = 0; batch < 3; batch++) {
      await drained()
      await sent[batch]!.answer(stored(1 + batch * 20, batch))
    }
    expect(sent).toHaveLength(3)
    expect([0, 1, 2].flatMap((batch) => bodies(batch))).toEqual(Array.from({ length: 45 }, (_, n) => `m${n + 1}`))
    expect(sent[0]!.request.messages[0]!.sentAt).toBe(1)
  })

  it('is asked about once more after another absence, though the person said so about the first', async () => {
    const { outbox, allow, clock, of, sent } = await backAfterDays(1)
    outbox.allowOld()
    await settled()
    expect(sent).toHaveLength(1)
    allow(false)
    outbox.write({ conv, clientId: uuid(901) as ClientId, body: 'weeks later', sentAt: clock.now() + 1 })
    await settled()
    await clock.advance(3 * DAY_MS)
    allow(true)
    outbox.lineReturned()
    await sent[0]!.answer(refusal('E_TIMEOUT', { detail: 'line lost' }))
    outbox.flushAll()
    expect(count(of)).toEqual({ count: 1 })
    expect(sent).toHaveLength(1)
  })

  it('is not overtaken by what is written now', async () => {
    const { sent, writesNow, outbox, bodies } = await backAfterDays(1)
    await writesNow()
    expect(sent).toHaveLength(0)
    outbox.allowOld()
    await settled()
    expect(bodies(0)).toEqual(['m1', 'now'])
  })

  it('goes out by "Send now" of one of them, and holds up nothing once it is taken away', async () => {
    const one = await backAfterDays(2)
    const rows = (await one.storage.outbox()).rows
    one.outbox.retry(conv, rows[0]!.clientId)
    await settled()
    expect(one.bodies(0)).toEqual(['m1', 'm2'])

    const other = await backAfterDays(1)
    await other.writesNow()
    other.outbox.discard(conv, (await other.storage.outbox()).rows[0]!.clientId, () => {})
    await settled()
    expect(other.bodies(0)).toEqual(['now'])
    expect(count(other.of)).toEqual({ count: 0 })
  })

  it('is asked about too in a page that stood open all the time', async () => {
    const { write, allow, outbox, clock, sent, of } = world()
    allow(false)
    await write()
    await clock.advance(2 * DAY_MS)
    allow(true)
    outbox.lineReturned()
    outbox.flushAll()
    expect(sent).toHaveLength(0)
    expect(count(of)).toEqual({ count: 1 })
  })
})
