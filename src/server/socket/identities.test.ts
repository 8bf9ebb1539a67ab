import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LOBBY } from '#protocol/ids.ts'
import { dial, DialRefused, draft, join, until, type Caller } from '#server/testing/dial.ts'
import { startServer, type StartOptions, type TestServer } from '#server/testing/startServer.ts'

let server: TestServer
const callers: Caller[] = []
const start = async (options: StartOptions = {}) => void (server = await startServer(options))
beforeEach(() => start({ env: { LIMIT_MESSAGES: '100000/100000' }, timing: { PRESENCE_GRACE_MS: 50 } }))
afterEach(async () => {
  for (const caller of callers.splice(0)) caller.hangUp()
  await server.stop()
})
const comes = async (...how: [Caller['guest'], Parameters<typeof dial>[2]?]) => {
  const caller = await dial(server, ...how)
  callers.push(caller)
  return caller
}
const said = async (caller: Caller) => {
  const { messages } = await caller.get('history:page', { conv: LOBBY, at: { afterSeq: 0 }, limit: 200 })
  return messages.map(({ sender, body }) => [sender, body])
}
const say = (caller: Caller, ...messages: ReturnType<typeof draft>[]) => caller.get('message:send', { conv: LOBBY, messages })

describe('two people at one device', () => {
  it('one after the other in one tab: each message is of whoever was signed in, whatever the queue it came from', async () => {
    const [deviceId, tabId] = [randomUUID(), randomUUID()]
    const ann = await comes(await server.guest('Ann', deviceId), { tabId })
    const hers = draft('hers')
    await say(ann, hers)
    await fetch(`${server.url}/api/session/logout`, { method: 'POST', headers: { cookie: ann.guest.cookie } })
    expect(await ann.hears('server:farewell')).toEqual({ code: 'SIGNED_OUT' })
    await ann.gone

    const bob = await comes(await server.guest('Bob', deviceId), { tabId })
    // her queue, left in that browser: under his name it is his, with an identity of its own
    const { results } = await say(bob, draft('his'), hers)
    expect(results.map((result) => result.ok && [result.seq, result.dup])).toEqual([
      [2, undefined],
      [3, undefined],
    ])
    const [annId, bobId] = [ann.guest.user.id, bob.guest.user.id]
    expect(await said(bob)).toEqual([
      [annId, 'hers'],
      [bobId, 'his'],
      [bobId, 'hers'],
    ])
    // and nothing more can be said in hers
    const refused = await dial(server, ann.guest, { tabId }).catch((error: unknown) => error)
    expect((refused as DialRefused).data).toEqual({ code: 'E_DEVICE_REVOKED' })
    expect(await bob.ask('session:refresh', { token: ann.guest.accessToken })).toMatchObject({ ok: false, code: 'E_AUTH_INVALID' })
  })

  it('at the same time in one tab are two, and neither is taken for the other', async () => {
    const [deviceId, tabId] = [randomUUID(), randomUUID()]
    const [ann, bob] = [await comes(await server.guest('Ann', deviceId), { tabId }), await comes(await server.guest('Bob', deviceId), { tabId })]
    await Promise.all([say(ann, draft('hers')), say(bob, draft('his'))])
    expect(Object.fromEntries(await said(ann))).toEqual({ [ann.guest.user.id]: 'hers', [bob.guest.user.id]: 'his' })
    for (const caller of [ann, bob]) expect(caller.heard('server:farewell')).toEqual([])
  })
})

describe('a browser profile that was copied', () => {
  it('may be used in both places at once: two connections of one device, each of which hears everything once', async () => {
    const guest = await server.guest('Ann')
    const bob = await comes(await server.guest('Bob'))
    const copies = [await comes(guest, { hello: false }), await comes(guest, { hello: false })] as const
    const hellos = await Promise.all(copies.map((copy) => copy.get('hello', { epoch: null, urev: 0, convs: {} })))
    expect(new Set(hellos.map(({ connId }) => connId)).size).toBe(2)
    expect(new Set(hellos.map(({ deviceId }) => deviceId))).toEqual(new Set([guest.deviceId]))

    // the queue was copied as well
    const queued = [draft('one'), draft('two')]
    const sent = await Promise.all(copies.map((copy) => say(copy, ...queued)))
    expect(new Set(sent.flatMap(({ results }) => results.map((result) => result.ok && result.id))).size).toBe(2)
    await say(bob, draft('three'))
    for (const copy of copies) {
      await copy.hears('log:events', ({ events }) => events.some(({ rev }) => rev === 3))
      // what was sent twice is told twice, under the same numbers
      expect(new Set(copy.heard('log:events').flatMap(({ events }) => events.map(({ rev }) => rev)))).toEqual(new Set([1, 2, 3]))
      expect(copy.heard('server:farewell')).toEqual([])
    }
    expect((await said(bob)).map(([, body]) => body)).toEqual(['one', 'two', 'three'])

    // one of them goes: the person is still there
    copies[0].hangUp()
    await until(() => server.app.live.count() === 2)
    await until(async () => (await bob.get('presence:watch', { users: [guest.user.id] })).states[0]?.state !== 'offline')
    expect(await copies[1].get('probe', { t: 1 })).toMatchObject({ t: 1 })
  })

  it('down to its tab: the later one goes on, the earlier one is told why it does not', async () => {
    const guest = await server.guest('Ann')
    const tabId = randomUUID()
    const [first, second] = [await comes(guest, { tabId }), await comes(guest, { tabId })]
    expect(await first.hears('server:farewell')).toEqual({ code: 'REPLACED' })
    await first.gone
    expect(await second.get('probe', { t: 1 })).toMatchObject({ t: 1 })
  })
})

describe('somebody who was online when the server was killed', () => {
  it('is offline to those who come back, until they come back as well', async () => {
    const [ann, bob] = [await join(server, 'Ann'), await join(server, 'Bob')]
    const { id } = ann.guest.user
    const stateOf = async (caller: Caller) => (await caller.get('presence:watch', { users: [id] })).states[0]?.state
    expect(await stateOf(bob)).not.toBe('offline')
    await server.restart({ abruptly: true })
    const bobAgain = await comes(bob.guest)
    expect(await stateOf(bobAgain)).toBe('offline')
    await comes(ann.guest)
    await bobAgain.hears('presence:changed', ({ states }) => states.some(({ user, state }) => user === id && state !== 'offline'))
  })
})

describe('tokens that run out under load', () => {
  it('interrupt nobody who renews them: one connection, every message once and in order', async () => {
    await server.stop()
    await start({ env: { ACCESS_TOKEN_TTL_MS: '1000', LIMIT_MESSAGES: '100000/100000' }, timing: { HOUSEKEEPING_MS: 20, EXPIRED_GRACE_MS: 100 } })
    const caller = await comes(await server.guest('Ann'))
    const { guest } = caller
    let { cookie } = guest
    const renew = async () => {
      const response = await fetch(`${server.url}/api/session/refresh`, {
        method: 'POST',
        headers: { cookie },
        body: JSON.stringify({ deviceId: guest.deviceId }),
      })
      cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? cookie
      const { accessToken } = (await response.json()) as { accessToken: string }
      await caller.get('session:refresh', { token: accessToken })
    }
    let renewals = 0
    let sent = 0
    while (renewals < 3) {
      const expiring = caller.heard('session:expiring').length > renewals
      await Promise.all([say(caller, draft(`${sent++}`)), expiring && renew()])
      if (expiring) renewals++
    }
    const bodies = caller.heard('log:events').flatMap(({ events }) => events.flatMap((event) => ('message' in event ? [event.message.body] : [])))
    expect(bodies).toEqual(Array.from({ length: sent }, (_, i) => `${i}`))
    expect(caller.heard('session:expiring')).toHaveLength(3)
    expect(caller.log).not.toContain('disconnect')
  })
})
