import { describe, expect, it } from 'vitest'
import type { ClientId, OperationId } from '#protocol/ids.ts'
import { simulatedChannel } from '#testing/browserParts.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { refusal } from '#protocol/reply.ts'
import { ann, ben, clientId, conv, heard, messageId, NOON, says, saysFrom, waiting } from '#testing/clientBuilders.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { headAt, helloAnswer, NOTHING_NEW, resetTo, startScripted, type Answers } from '#testing/scriptedEngine.ts'
import {
  changesListed,
  discardRequested,
  messageWritten,
  operationApplied,
  operationRefused,
  operationRequested,
  operationWithdrawn,
  type OwnOperation,
} from './facts.ts'
import type { Channel, Locks } from './ports.ts'
import type { Storage } from './storage.ts'
import type { TabMessage } from './tabs.ts'
import { TIMING } from './timing.ts'

const opId = (n: number) => `0f000000-0000-7000-8000-${String(n).padStart(12, '0')}` as OperationId
const target = (id: ClientId, sender = ann) => ({ clientId: id, sender })
const edit = (n: number, id: ClientId, body: string): OwnOperation => ({ kind: 'edit', opId: opId(n), target: target(id), body })
const deletion = (n: number, id: ClientId): OwnOperation => ({ kind: 'delete', opId: opId(n), target: target(id) })
const reaction = (n: number, id: ClientId, sender = ben): OwnOperation => ({ kind: 'react', opId: opId(n), target: target(id, sender), emoji: '👍' })

/** Ann on the line, in a conversation of three messages of Ben's; what she sends is answered when the test says so. */
async function onTheLine(
  answers: Answers = {},
  storage: Storage = memoryStorage(),
  more: { locks?: Locks; channel?: Channel<TabMessage>; log?: ChatMessage[] } = {},
) {
  let rev = 10
  const it = await startScripted(
    {
      hello: () => helloAnswer({ heads: { [conv]: headAt(3) } }),
      'sync:pull': () => ({ ok: true, reset: resetTo(more.log ?? saysFrom(1, 3, ben)) }),
      'sync:heads': () => ({ ok: true, ...NOTHING_NEW }),
      'operation:apply': () => ({ ok: true, rev: ++rev }),
      ...answers,
    },
    { storage, ...more },
  )
  await it.clock.advance(10)
  const write = async (n: number, body = `message ${n}`) => {
    it.engine.handle(messageWritten({ conv, clientId: clientId(n), body, sentAt: NOON }))
    await it.clock.advance(1)
  }
  const change = async (operation: OwnOperation) => {
    it.engine.handle(operationRequested({ conv, operation }))
    await it.clock.advance(1)
  }
  const answerSend = async (results: object[]) => {
    it.network
      .last()
      .requests.findLast(({ name }) => name === 'message:send')!
      .answered({ ok: true, results })
    await it.clock.advance(1)
  }
  const stored = (n: number) => ({ clientId: clientId(n), ok: true, id: messageId(n), seq: n, rev: n, at: NOON })
  const applied = () => it.of('operation:apply').map(({ operation }) => operation)
  return { ...it, write, change, answerSend, stored, applied }
}

describe('a change to a message that is on its way', () => {
  it('waits for its message, which goes as it was, and follows it', async () => {
    const { write, change, answerSend, stored, applied, of, emitted } = await onTheLine()
    await write(4, 'frist')
    await change(edit(1, clientId(4), 'first'))
    await change(reaction(2, clientId(4), ann))
    expect(applied()).toEqual([])
    await answerSend([stored(4)])
    expect(of('message:send').map(({ messages }) => messages.map(({ body }) => body))).toEqual([['frist']])
    expect(applied()).toEqual([edit(1, clientId(4), 'first'), reaction(2, clientId(4), ann)])
    expect(emitted.filter(operationApplied.match).map(({ payload }) => payload.opId)).toEqual([opId(1), opId(2)])
  })

  it('is told of with all others from when it is asked for until it is answered', async () => {
    const { write, change, answerSend, stored, emitted } = await onTheLine()
    await write(4, 'frist')
    await change(edit(1, clientId(4), 'first'))
    await change(reaction(2, clientId(4), ann))
    await answerSend([stored(4)])
    const told = emitted.filter(changesListed.match).map(({ payload }) => payload.changes.map(({ operation }) => operation.opId))
    expect(told).toEqual([[opId(1)], [opId(1), opId(2)], [opId(2)], []])
    const answered = (n: number) => emitted.findIndex((fact) => operationApplied.match(fact) && fact.payload.opId === opId(n))
    // first that it is made, then that it waits no longer: there is no moment in which nobody shows it
    expect(answered(1)).toBeLessThan(
      emitted.findIndex(
        (fact) => changesListed.match(fact) && fact.payload.changes.length === 1 && fact.payload.changes[0]!.operation.opId === opId(2),
      ),
    )
  })

  it('is told of again by a page that is opened later', async () => {
    const storage = memoryStorage()
    const before = await onTheLine({ 'operation:apply': () => refusal('E_TIMEOUT', { detail: 'line lost' }) }, storage)
    await before.change(reaction(1, clientId(1), ben))
    const later = await onTheLine({ 'operation:apply': () => refusal('E_TIMEOUT', { detail: 'line lost' }) }, storage)
    expect(later.emitted.filter(changesListed.match).at(-1)?.payload.changes).toEqual([{ conv, operation: reaction(1, clientId(1), ben) }])
  })

  it('deletes it when it was taken back too late', async () => {
    const { write, engine, clock, answerSend, stored, applied } = await onTheLine()
    await write(4, 'a secret')
    engine.handle(discardRequested({ conv, clientId: clientId(4) }))
    await clock.advance(1)
    await answerSend([stored(4)])
    expect(applied()).toMatchObject([{ kind: 'delete', target: target(clientId(4)) }])
  })

  it('is made here when the message is refused: an edited one goes out again, a deleted one is gone', async () => {
    const { write, change, answerSend, applied, of, storage } = await onTheLine()
    await write(4, 'too long')
    await change(edit(1, clientId(4), 'short'))
    await answerSend([{ clientId: clientId(4), ok: false, code: 'E_TOO_BIG' }])
    expect(of('message:send').at(-1)!.messages).toMatchObject([{ clientId: clientId(4), body: 'short' }])
    await change(deletion(2, clientId(4)))
    await answerSend([{ clientId: clientId(4), ok: false, code: 'E_FORBIDDEN' }])
    expect(applied()).toEqual([])
    expect(await storage.outbox()).toMatchObject({ rows: [], operations: [] })
  })
})

describe('two changes to a message that is then refused', () => {
  const both = async (first: OwnOperation, second: OwnOperation) => {
    const it = await onTheLine()
    await it.write(4, 'too long')
    await it.change(first)
    await it.change(second)
    await it.answerSend([{ clientId: clientId(4), ok: false, code: 'E_TOO_BIG' }])
    await it.answerSend([it.stored(4)])
    await it.listen(5_000)
    return it
  }

  it('are both made: what was deleted last is deleted, though it went out once more in between', async () => {
    const { of, applied } = await both(edit(1, clientId(4), 'short'), deletion(2, clientId(4)))
    expect(of('message:send')).toHaveLength(2)
    expect(applied()).toEqual([deletion(2, clientId(4))])
  })

  it('are both made: the last text is what stands', async () => {
    const { of, applied } = await both(edit(1, clientId(4), 'one'), edit(2, clientId(4), 'two'))
    expect(of('message:send').at(-1)!.messages).toMatchObject([{ body: 'one' }])
    expect(applied()).toEqual([edit(2, clientId(4), 'two')])
  })
})

it('a reaction to a message that is refused waits with it, and follows when it goes out after all', async () => {
  const it = await onTheLine()
  await it.write(4, 'too long')
  await it.change(reaction(1, clientId(4), ann))
  await it.answerSend([{ clientId: clientId(4), ok: false, code: 'E_TOO_BIG' }])
  await it.listen(5_000)
  expect(it.applied()).toEqual([])
  await it.change(edit(2, clientId(4), 'short'))
  await it.answerSend([it.stored(4)])
  await it.listen(1_000)
  expect(it.of('message:send').at(-1)!.messages).toMatchObject([{ body: 'short' }])
  expect(it.applied()).toEqual([reaction(1, clientId(4), ann)])
})

it('a text that was changed after the message was refused goes out, though the storage would not take it at first', async () => {
  const inner = memoryStorage()
  let aborts = 0
  const storage: Storage = {
    ...inner,
    changeOutbox: (...change) => (aborts-- > 0 ? Promise.reject(new DOMException('aborted', 'AbortError')) : inner.changeOutbox(...change)),
  }
  const it = await onTheLine({}, storage)
  await it.write(4, 'too long')
  await it.answerSend([{ clientId: clientId(4), ok: false, code: 'E_TOO_BIG' }])
  aborts = 1
  await it.change(edit(1, clientId(4), 'short'))
  expect(it.of('message:send').at(-1)!.messages).toMatchObject([{ body: 'short' }])
  await it.listen(5_000)
  expect((await inner.outbox()).rows).toMatchObject([{ body: 'short' }])
})

describe('a change to a message that never went out', () => {
  it('is made where it waits: the server hears of the last text alone, and of nothing that was deleted', async () => {
    const it = await onTheLine()
    it.network.last().events.lost('cut')
    await it.write(4)
    await it.write(5)
    await it.change(edit(1, clientId(4), 'one'))
    await it.change(edit(2, clientId(4), 'two'))
    await it.change(deletion(3, clientId(5)))
    await it.clock.advance(TIMING.BACKOFF_FIRST_MS * 2)
    await it.connect()
    await it.clock.advance(10)
    expect(it.of('message:send').flatMap(({ messages }) => messages.map(({ body }) => body))).toEqual(['two'])
    expect(it.applied()).toEqual([])
  })
})

describe('a change to a message of the log', () => {
  it('is kept over the end of the page, and goes out with the next one, once', async () => {
    const storage = memoryStorage()
    const before = await onTheLine({ 'operation:apply': () => undefined }, storage)
    await before.change(reaction(1, clientId(2)))
    expect(before.applied()).toHaveLength(1)
    expect(before.engine.holdsUnsaved()).toBe(false)
    await before.engine.close()
    const after = await onTheLine({}, storage)
    expect(after.applied()).toEqual([reaction(1, clientId(2))])
    expect((await storage.outbox()).operations).toEqual([])
  })

  it('is asked for under the same id until it is answered, before what was asked for later', async () => {
    let isDown = true
    const it = await onTheLine({ 'operation:apply': () => (isDown ? refusal('E_STORAGE', { retryAfterMs: 700 }) : { ok: true, rev: 11 }) })
    await it.change(reaction(1, clientId(2)))
    await it.change(reaction(2, clientId(3)))
    expect(it.applied()).toEqual([reaction(1, clientId(2))])
    isDown = false
    await it.listen(5_000)
    expect(it.applied().map((operation) => operation.opId)).toEqual([opId(1), opId(1), opId(2)])
  })

  it('that the server refuses is told, and holds up nothing', async () => {
    const it = await onTheLine({
      'operation:apply': ({ operation }) => (operation.opId === opId(1) ? refusal('E_FORBIDDEN') : { ok: true, rev: 11 }),
    })
    await it.change(reaction(1, clientId(2)))
    await it.change(reaction(2, clientId(3)))
    expect(it.emitted.filter(operationRefused.match).map(({ payload }) => payload)).toEqual([
      { conv, operation: reaction(1, clientId(2)), code: 'E_FORBIDDEN' },
    ])
    expect(it.emitted.filter(operationApplied.match)).toHaveLength(1)
    expect((await it.storage.outbox()).operations).toEqual([])
  })

  it('that makes the server fail is refused after five failures', async () => {
    const it = await onTheLine({ 'operation:apply': () => refusal('E_INTERNAL') })
    await it.change(reaction(1, clientId(2)))
    await it.listen(60_000)
    expect(it.applied()).toHaveLength(5)
    expect(it.emitted.filter(operationRefused.match).map(({ payload }) => payload.code)).toEqual(['E_SERVER_ERROR'])
  })

  it('is refused when the person is no longer a member', async () => {
    const it = await onTheLine({ 'operation:apply': () => refusal('E_NOT_MEMBER') })
    it.engine.handle(operationRequested({ conv, operation: reaction(1, clientId(2)) }))
    it.engine.handle(operationRequested({ conv, operation: reaction(2, clientId(3)) }))
    await it.clock.advance(100)
    expect(it.emitted.filter(operationRefused.match).map(({ payload }) => payload.code)).toEqual(['E_NOT_MEMBER', 'E_NOT_MEMBER'])
    expect((await it.storage.outbox()).operations).toEqual([])
  })

  it('is safe, and sent, while the browser keeps nothing; the page says that it holds what nobody else has', async () => {
    const storage = memoryStorage()
    const it = await onTheLine(
      { 'operation:apply': () => undefined },
      { ...storage, addOperations: () => Promise.reject(new DOMException('full', 'QuotaExceededError')) },
    )
    await it.change(reaction(1, clientId(2)))
    expect(it.applied()).toEqual([reaction(1, clientId(2))])
    expect(it.engine.holdsUnsaved()).toBe(true)
  })
})

it('what another tab asked for goes out from the tab that sends, behind the message it is about', async () => {
  const storage = memoryStorage()
  await storage.addOutbox([waiting(4)], null)
  const { life } = await storage.outbox()
  await storage.addOperations([{ conv, operation: edit(1, clientId(4), 'better') }], life)
  const it = await onTheLine({}, storage)
  expect(it.applied()).toEqual([])
  await it.answerSend([{ clientId: clientId(4), ok: true, id: messageId(4), seq: 4, rev: 4, at: NOON }])
  expect(it.applied()).toEqual([edit(1, clientId(4), 'better')])
})

/** A lock that another tab holds until it is taken away. */
function heldElsewhere() {
  let listener: Parameters<Locks['hold']>[1] | undefined
  const listen: Locks['hold'] = (_, on) => {
    listener = on
    return () => {}
  }
  return { locks: { hold: listen, steal: listen }, take: () => listener!.taken() }
}

it('a tab that does not lead sends no change before an earlier one that only the leader may send', async () => {
  const storage = memoryStorage()
  await storage.addOperations([{ conv, operation: edit(1, clientId(3), 'one') }], null)
  const { locks, take } = heldElsewhere()
  const it = await onTheLine({}, storage, { locks, log: [...saysFrom(1, 2), says(3, ann)] })
  await it.change(edit(2, clientId(3), 'two'))
  await it.clock.advance(50)
  take()
  await it.listen(10_000)
  expect(it.applied()).toEqual([edit(1, clientId(3), 'one'), edit(2, clientId(3), 'two')])
})

it('a change of another tab is not found without its message, however it is found', async () => {
  const storage = memoryStorage()
  const it = await onTheLine({}, storage)
  await storage.addOutbox([waiting(4)], null)
  await storage.addOperations([{ conv, operation: reaction(1, clientId(4), ann) }], (await storage.outbox()).life)
  // the word of the other tab is still on its way
  await it.change(reaction(2, clientId(2)))
  expect(it.applied()).toEqual([reaction(2, clientId(2))])
})

it('changes are sent while the storage can not be read at all', async () => {
  const broken = () => Promise.reject(new DOMException('internal', 'UnknownError'))
  const storage = {
    ...memoryStorage(),
    load: broken,
    outbox: broken,
    addOutbox: broken,
    addOperations: broken,
    claimOutbox: broken,
    append: broken,
    reset: broken,
  }
  const it = await onTheLine({}, storage)
  await it.change(reaction(1, clientId(2)))
  await it.listen(5_000)
  expect(it.applied()).toEqual([reaction(1, clientId(2))])
})

describe('what is discarded while another tab sends it', () => {
  it('and turns up in the log, is deleted, however late the storage answers that it is gone', async () => {
    const inner = memoryStorage()
    let release = () => {}
    const storage: Storage = {
      ...inner,
      discardOutbox: async (...row) => {
        await new Promise<void>((resolve) => (release = resolve))
        return inner.discardOutbox(...row)
      },
    }
    let isUp = false
    const { locks, take } = heldElsewhere()
    const it = await onTheLine({ 'operation:apply': () => (isUp ? { ok: true, rev: 11 } : undefined) }, storage, { locks })
    await it.write(4, 'a secret')
    it.engine.handle(discardRequested({ conv, clientId: clientId(4) }))
    await it.clock.advance(1)
    await it.push('log:events', { conv, events: [heard(says(4, ann))] })
    expect(it.applied()).toMatchObject([{ kind: 'delete' }])
    release()
    await it.clock.advance(50)
    it.network.last().events.lost('cut')
    isUp = true
    await it.clock.advance(TIMING.BACKOFF_FIRST_MS * 2)
    await it.connect()
    take()
    await it.listen(10_000)
    expect(it.applied()).toHaveLength(2)
    expect(it.emitted.filter(operationApplied.match)).toHaveLength(1)
  })

  it.each([
    ['before', true],
    ['after', false],
  ])('because that tab could not say that it is on its way, is deleted by the tab that sent it: told so %s the log shows it', async (_, isEarly) => {
    const inner = memoryStorage()
    const fails = () => Promise.reject(new DOMException('aborted', 'AbortError'))
    let isBad = true
    const storage: Storage = {
      ...inner,
      claimOutbox: (...rows) => (isBad ? fails() : inner.claimOutbox(...rows)),
      changeOutbox: (...rows) => (isBad ? fails() : inner.changeOutbox(...rows)),
    }
    const openChannel = simulatedChannel<TabMessage>()
    const anotherTab = openChannel()
    const it = await onTheLine({}, storage, { channel: openChannel() })
    await it.write(4, 'a secret')
    await it.clock.advance(100)
    expect(it.of('message:send')).toHaveLength(1)
    expect((await inner.discardOutbox(clientId(4))).rows).toEqual([])
    isBad = false
    const told = async () => {
      anotherTab.post({ kind: 'discarded', conv, clientId: clientId(4) })
      await it.clock.advance(1)
    }
    if (isEarly) await told()
    await it.push('log:events', { conv, events: [heard(says(4, ann))] })
    if (!isEarly) await told()
    await it.listen(10_000)
    expect(it.applied()).toMatchObject([{ kind: 'delete', target: target(clientId(4)) }])
  })
})

describe('changes of somebody who was removed', () => {
  it.each([
    ['are called made when they were, though the answer was lost', { ok: true, rev: 11, dup: true }, [opId(1)], []],
    ['are refused by the server’s word alone', refusal('E_NOT_MEMBER'), [], [opId(1)]],
  ] as const)('%s', async (_, answer, made, refused) => {
    let asked = 0
    const it = await onTheLine({ 'operation:apply': () => (asked++ === 0 ? undefined : answer) }, undefined, {
      log: [says(1), says(2), says(3, ann)],
    })
    await it.change(edit(1, clientId(3), 'first'))
    expect(asked).toBe(1)
    await it.push('user:event', { urev: 1, kind: 'conv.removed', conv, name: 'G', by: ben })
    it.network
      .last()
      .requests.find(({ name }) => name === 'operation:apply')!
      .answered(refusal('E_TIMEOUT', { detail: 'line lost' }))
    await it.listen(60_000)
    expect(it.emitted.filter(operationApplied.match).map(({ payload }) => payload.opId)).toEqual(made)
    expect(it.emitted.filter(operationRefused.match).map(({ payload }) => payload.operation.opId)).toEqual(refused)
  })
})

it('what another tab edited a moment before is not sent as it was, though one transaction was aborted', async () => {
  const inner = memoryStorage()
  let aborts = 1
  const storage: Storage = {
    ...inner,
    claimOutbox: (...rows) => (aborts-- > 0 ? Promise.reject(new DOMException('aborted', 'AbortError')) : inner.claimOutbox(...rows)),
  }
  const it = await onTheLine({}, storage)
  it.network.last().events.lost('cut')
  await it.write(4, 'frist')
  await inner.changeOutbox([clientId(4)], (row) => ({ ...row, body: 'first' }))
  await it.clock.advance(TIMING.BACKOFF_FIRST_MS * 2)
  await it.connect()
  await it.clock.advance(200)
  expect(it.of('message:send').flatMap(({ messages }) => messages.map(({ body }) => body))).toEqual(['first'])
})

describe('a change that is held back', () => {
  const held = async (more: Parameters<typeof onTheLine> = []) => {
    const it = await onTheLine(...more)
    it.engine.handle(operationRequested({ conv, operation: deletion(1, clientId(9)), notBefore: it.clock.now() + 10_000 }))
    await it.clock.advance(1)
    return it
  }

  it('goes out when its time has come, and what was made since goes before it', async () => {
    const { change, applied, clock } = await held()
    await change(reaction(2, clientId(1)))
    expect(applied()).toEqual([reaction(2, clientId(1))])
    await clock.advance(9_990)
    expect(applied()).toHaveLength(1)
    await clock.advance(20)
    expect(applied()).toEqual([reaction(2, clientId(1)), deletion(1, clientId(9))])
  })

  it('never goes out when it was withdrawn, and is kept nowhere', async () => {
    const { engine, applied, clock, storage, emitted } = await held()
    engine.handle(operationWithdrawn({ conv, opId: opId(1) }))
    await clock.advance(30_000)
    expect(applied()).toEqual([])
    expect((await storage.outbox()).operations).toEqual([])
    expect(emitted.filter(changesListed.match).at(-1)?.payload.changes).toEqual([])
  })

  it('never goes out when another tab has withdrawn it and nobody told this one', async () => {
    const storage = memoryStorage()
    const { applied, clock, emitted } = await held([{}, storage])
    await storage.removeOperations([opId(1)])
    await clock.advance(30_000)
    expect(applied()).toEqual([])
    expect(emitted.filter(changesListed.match).at(-1)?.payload.changes).toEqual([])
  })

  it('is read once more, not without end, by a tab that follows and has another change which nobody else knows of (seed 30292)', async () => {
    const inner = memoryStorage()
    let isBad = false
    let reads = 0
    const storage: Storage = {
      ...inner,
      addOperations: (...rows) => (isBad ? Promise.reject(new DOMException('aborted', 'AbortError')) : inner.addOperations(...rows)),
      outbox: () => (++reads > 1_000 ? new Promise<never>(() => {}) : inner.outbox()),
    }
    const locks = { hold: () => () => {}, steal: () => () => {} }
    const it = await held([{}, storage, { locks, channel: simulatedChannel<TabMessage>()() }])
    isBad = true
    it.engine.handle(operationRequested({ conv, operation: deletion(2, clientId(8)), notBefore: it.clock.now() + 20_000 }))
    await it.listen(12_000)
    expect(it.applied()).toEqual([deletion(1, clientId(9))])
    expect(reads).toBeLessThan(100)
  })

  it('goes out at once when the page goes away', async () => {
    const { engine, applied, clock } = await held()
    engine.release()
    await clock.advance(1)
    expect(applied()).toEqual([deletion(1, clientId(9))])
  })

  it('goes out before its writer leaves, who waits for it, but not for ever', async () => {
    const { engine, applied, clock } = await held()
    const left: string[] = []
    void engine.settle(conv).then(() => left.push('after it was made'))
    await clock.advance(1)
    expect(applied()).toEqual([deletion(1, clientId(9))])
    await clock.advance(100)
    expect(left).toEqual(['after it was made'])

    const { engine: mute, clock: time } = await held([{ 'operation:apply': () => undefined }])
    void mute.settle(conv).then(() => left.push('though nobody answered'))
    await time.advance(2_900)
    expect(left).toHaveLength(1)
    await time.advance(200)
    expect(left).toEqual(['after it was made', 'though nobody answered'])
  })

  it('can’t be withdrawn once it is on its way', async () => {
    const { engine, applied, clock, emitted } = await held([{ 'operation:apply': () => undefined }])
    await clock.advance(10_001)
    engine.handle(operationWithdrawn({ conv, opId: opId(1) }))
    await clock.advance(1)
    expect(applied()).toHaveLength(1)
    expect(emitted.filter(changesListed.match).at(-1)?.payload.changes).toHaveLength(1)
  })

  it('goes out from a page that is opened after its own is gone', async () => {
    const storage = memoryStorage()
    const { engine } = await held([{}, storage])
    await engine.close()
    const later = await onTheLine({}, storage)
    expect(later.applied()).toEqual([])
    await later.clock.advance(10_000)
    expect(later.applied()).toEqual([deletion(1, clientId(9))])
  })

  it('is not held back for days by a clock that was set back', async () => {
    const { engine, clock, applied } = await onTheLine()
    engine.handle(operationRequested({ conv, operation: deletion(1, clientId(9)), notBefore: clock.now() + 86_400_000 }))
    await clock.advance(1)
    expect(applied()).toEqual([deletion(1, clientId(9))])
  })
})
