import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LOBBY } from '#protocol/ids.ts'
import { BATCH_MAX, BATCH_MAX_BYTES, BODY_MAX_BYTES, BODY_MAX_GRAPHEMES } from '#protocol/limits.ts'
import type { MessageDraft } from '#protocol/requests.ts'
import { draft, join, type Caller } from '#server/testing/dial.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'

let server: TestServer
beforeAll(async () => void (server = await startServer({ env: { LIMIT_MESSAGES: '100000/100000' } })))
afterAll(() => server.stop())

const send = (caller: Caller, messages: MessageDraft[]) => caller.ask('message:send', { conv: LOBBY, messages })
const times = (count: number, body: string) => Array.from({ length: count }, () => draft(body))
const FAMILY = '👩‍👩‍👧‍👦' // 25 bytes, one for a person
const MARKS = `é${'\u0301'.repeat((BODY_MAX_BYTES - 2) / 2)}` // one for a person, as many bytes as there may be

describe('a message just beyond what may be said', () => {
  it.each([
    ['in characters', 'x'.repeat(BODY_MAX_GRAPHEMES + 1)],
    ['in characters of many bytes', FAMILY.repeat(BODY_MAX_GRAPHEMES + 1)],
    ['in characters that take six on the wire', '\u0001'.repeat(BODY_MAX_GRAPHEMES + 1)],
    ['in bytes', `${MARKS}\u0301`],
  ])('%s is refused by its size, on a line that stays', async (_, body) => {
    const [loud, calm] = [await join(server), await join(server)]
    const engine = loud.socket.io.engine.id
    const long = draft(body)
    // again and again, as a client that does not know better
    for (let n = 0; n < 20; n++) {
      const reply = await send(loud, [long])
      expect(reply).toMatchObject({ ok: true, results: [{ clientId: long.clientId, ok: false, code: 'E_TOO_BIG' }] })
    }
    expect(await send(loud, [draft('the next one')])).toMatchObject({ ok: true, results: [{ ok: true }] })
    expect(loud.socket.connected && loud.socket.io.engine.id).toBe(engine)
    expect(loud.log).not.toContain('disconnect')
    await calm.hears('log:events')
    for (const caller of [loud, calm]) expect(caller.heard('log:events').flatMap(({ events }) => events)).toHaveLength(1)
    for (const caller of [loud, calm]) caller.hangUp()
  })

  it.each([
    ['characters', 'x'.repeat(BODY_MAX_GRAPHEMES)],
    ['characters that take six on the wire', '\u0001'.repeat(BODY_MAX_GRAPHEMES)],
    ['bytes', MARKS],
  ])('is not the longest one in %s, which is said as it is', async (_, body) => {
    const caller = await join(server)
    expect(await send(caller, [draft(body)])).toMatchObject({ ok: true, results: [{ ok: true }] })
    const { events } = await caller.hears('log:events')
    expect(events[0]).toMatchObject({ message: { body } })
    caller.hangUp()
  })
})

describe('a batch just beyond what may be sent at once', () => {
  const BIG = 'é'.repeat(1_638) // 20 of them are 65,520 bytes

  it('in bytes is refused as a whole, on a line that stays; the same in two goes through', async () => {
    const caller = await join(server)
    const rest = BATCH_MAX_BYTES - 2 * 1_638 * 19
    const messages = [...times(19, BIG), draft('x'.repeat(rest + 1))]
    expect(await send(caller, messages)).toMatchObject({ ok: false, code: 'E_TOO_BIG' })
    expect(caller.heard('log:events')).toEqual([])
    expect(await send(caller, messages.slice(0, 19))).toMatchObject({ ok: true })
    expect(await send(caller, messages.slice(19))).toMatchObject({ ok: true })
    expect(await send(caller, [...times(19, BIG), draft('x'.repeat(rest))])).toMatchObject({ ok: true })
    expect(caller.log).not.toContain('disconnect')
    caller.hangUp()
  })

  it('in messages is refused as a whole, on a line that stays', async () => {
    const caller = await join(server)
    expect(await send(caller, times(BATCH_MAX + 1, 'one too many'))).toMatchObject({ ok: false, code: 'E_INVALID' })
    expect(await send(caller, times(BATCH_MAX, 'as many as may be'))).toMatchObject({ ok: true })
    expect(caller.log).not.toContain('disconnect')
    caller.hangUp()
  })
})
