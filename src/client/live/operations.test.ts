import { describe, expect, it } from 'vitest'
import type { AnswerOf } from '#protocol/events.ts'
import type { ClientId, OperationId } from '#protocol/ids.ts'
import { refusal, type Reply } from '#protocol/reply.ts'
import { ann, ben, clientId, conv, messageId, NOON, saysFrom, waiting } from '#testing/clientBuilders.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { headAt, helloAnswer, NOTHING_NEW, resetTo, startScripted, type Answers } from '#testing/scriptedEngine.ts'
import { discardRequested, messageWritten, operationApplied, operationRefused, operationRequested, type OwnOperation } from './facts.ts'
import type { Storage } from './storage.ts'
import { TIMING } from './timing.ts'

const opId = (n: number) => `0f000000-0000-7000-8000-${String(n).padStart(12, '0')}` as OperationId
const target = (id: ClientId, sender = ann) => ({ clientId: id, sender })
const edit = (n: number, id: ClientId, body: string): OwnOperation => ({ kind: 'edit', opId: opId(n), target: target(id), body })
const deletion = (n: number, id: ClientId): OwnOperation => ({ kind: 'delete', opId: opId(n), target: target(id) })
const reaction = (n: number, id: ClientId, sender = ben): OwnOperation => ({ kind: 'react', opId: opId(n), target: target(id, sender), emoji: '👍' })

/** Ann on the line, in a conversation of three messages of Ben's; what she sends is answered when the test says so. */
async function onTheLine(answers: Answers = {}, storage: Storage = memoryStorage()) {
  const sends: ((reply: Reply<AnswerOf<'message:send'>>) => void)[] = []
  let rev = 10
  const it = await startScripted(
    {
      hello: () => helloAnswer({ heads: { [conv]: headAt(3) } }),
      'sync:pull': () => ({ ok: true, reset: resetTo(saysFrom(1, 3, ben)) }),
      'sync:heads': () => ({ ok: true, ...NOTHING_NEW }),
      'operation:apply': () => ({ ok: true, rev: ++rev }),
      ...answers,
    },
    { storage },
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
  return { ...it, sends, write, change, answerSend, stored, applied }
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
