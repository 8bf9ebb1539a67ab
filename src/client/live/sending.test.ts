import { describe, expect, it } from 'vitest'
import { conv, messageId, saysFrom, waiting } from '#testing/clientBuilders.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { headAt, helloAnswer, resetTo, startScripted, type Answers } from '#testing/scriptedEngine.ts'
import { BATCH_MAX, BATCH_MAX_BYTES, BODY_MAX_BYTES } from '#protocol/limits.ts'
import { refusal } from '#protocol/reply.ts'
import { utf8Bytes } from '#protocol/message.ts'
import { messageStored, messageWritten, outboxRowRemoved, sendDelayed, sendRefused } from './facts.ts'

const EMPTY: Answers = {
  hello: () => helloAnswer({ heads: { [conv]: headAt(0) } }),
  'sync:pull': () => ({ ok: true, reset: resetTo([], 0) }),
}

/** A server that stores whatever it gets, after what it `refuses`. */
function storing(refuses: () => object | undefined = () => undefined): Answers {
  let seq = 0
  return {
    ...EMPTY,
    'message:send': ({ messages }) =>
      refuses() ?? {
        ok: true,
        results: messages.map(({ clientId }) => ({ clientId, ok: true, id: messageId(++seq), seq, rev: seq, at: 1 })),
      },
  }
}

describe('what waits', () => {
  it.each([
    ['plain text', 'a'],
    ['text that grows on its way', '\n'],
    ['text of many bytes a letter', '漢'],
  ])('is cut into requests by its bytes, however long the messages are: %s', async (_, letter) => {
    const storage = memoryStorage()
    const body = letter.repeat(Math.floor(BODY_MAX_BYTES / utf8Bytes(letter)))
    const rows = Array.from({ length: BATCH_MAX }, (__, n) => waiting(n, undefined, { body }))
    await storage.addOutbox(rows, null)
    const { of, clock } = await startScripted(storing(), { storage })
    await clock.advance(10_000)
    const requests = of('message:send')
    expect(requests.flatMap(({ messages }) => messages.map(({ clientId }) => clientId))).toEqual(rows.map(({ clientId }) => clientId))
    for (const { messages } of requests) {
      const bytes = messages.reduce((sum, message) => sum + utf8Bytes(JSON.stringify(message.body)), 0)
      expect(messages.length === 1 || bytes <= BATCH_MAX_BYTES).toBe(true)
    }
  })

  it('and was stored and purged long ago leaves the outbox here and in the storage: no log will ever show it', async () => {
    const storage = memoryStorage()
    const row = waiting(1, { name: 'sending', since: 1, memory: false })
    await storage.addOutbox([row], null)
    const { of, clock, emitted } = await startScripted(
      {
        ...EMPTY,
        'message:send': () => ({
          ok: true,
          results: [{ clientId: row.clientId, ok: true, id: messageId(1), seq: 7, rev: 7, at: 1, dup: true, gone: true }],
        }),
      },
      { storage },
    )
    await clock.advance(60_000)
    expect(of('message:send')).toHaveLength(1)
    expect(emitted.filter(outboxRowRemoved.match).map(({ payload }) => payload)).toEqual([{ conv, clientId: row.clientId }])
    expect((await storage.outbox()).rows).toEqual([])
  })

  it.each(['E_INTERNAL', 'E_STORAGE', 'E_BUSY'] as const)('is sent again, unchanged, after the server failed with %s', async (code) => {
    let failures = 3
    const { engine, of, clock, emitted } = await startScripted(storing(() => (failures-- > 0 ? refusal(code) : undefined)))
    engine.handle(messageWritten({ conv, clientId: waiting(1).clientId, body: 'again and again', sentAt: 1 }))
    await clock.advance(60_000)
    const same = { conv, messages: [{ clientId: waiting(1).clientId, body: 'again and again', sentAt: 1 }] }
    expect(of('message:send').slice(0, 4)).toEqual([same, same, same, same])
    expect(emitted.filter(sendDelayed.match).map(({ payload }) => payload.code)).toEqual([code, code, code])
    expect(emitted.filter(sendRefused.match)).toEqual([])
    expect(emitted.filter(messageStored.match)[0]?.payload).toMatchObject({ clientId: waiting(1).clientId })
  })

  it('goes out while the browser says that it is offline, on a line that answers nevertheless', async () => {
    const { engine, of, clock, browser, network, emitted } = await startScripted(storing())
    browser.say('offline')
    await clock.advance(10)
    engine.handle(messageWritten({ conv, clientId: waiting(1).clientId, body: 'the browser is wrong', sentAt: 1 }))
    await clock.advance(100)
    expect(of('probe')).toHaveLength(1)
    expect(of('message:send')).toHaveLength(1)
    expect(emitted.filter(messageStored.match)).toHaveLength(1)
    expect(network.dials).toHaveLength(1)
    expect(network.last().isClosed).toBe(false)
  })
})

describe('a token that is about to end', () => {
  it('is replaced once on the line that is open, which stays', async () => {
    const { of, push, clock, network, control } = await startScripted({
      ...EMPTY,
      'session:refresh': () => ({ ok: true, expiresInMs: 600_000 }),
      'sync:pull': () => ({ ok: true, reset: resetTo(saysFrom(1, 3)) }),
    })
    expect(control.renewals).toBe(1)
    await push('session:expiring', { expiresInMs: 60_000 })
    await clock.advance(1_000)
    expect(control.renewals).toBe(2)
    expect(of('session:refresh')).toEqual([{ token: 'token-2' }])
    expect(network.dials).toHaveLength(1)
    expect(network.open()).toHaveLength(1)
  })
})
