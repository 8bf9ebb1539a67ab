import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LOBBY, type ConversationId } from '#protocol/ids.ts'
import { makeAccessTokens } from '#server/edge/accessToken.ts'
import { openSqliteStore } from '#server/storage/openSqliteStore.ts'
import { dial, DialRefused, join, until } from '#server/testing/dial.ts'
import type { Guest } from '#server/testing/signInGuest.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'

const SECRET = 'a secret of at least thirty-two characters'
let server: TestServer
beforeAll(async () => void (server = await startServer({ env: { SECRET } })))
afterAll(() => server.stop())

async function refusalOf(
  guest: Guest,
  auth: Record<string, unknown> = {},
  headers?: Record<string, string>,
  on: TestServer = server,
): Promise<DialRefused> {
  const result = await dial(on, guest, { auth, ...(headers && { headers }) }).catch((error: unknown) => error)
  if (!(result instanceof DialRefused)) throw new Error('it was let in')
  return result
}

describe('the handshake refuses with a code', () => {
  it('no token, nonsense, and tokens signed by others', async () => {
    const guest = await server.guest()
    const { user, session, device } = { user: guest.user.id, session: guest.sessionId, device: guest.deviceId as never }
    const forged = await makeAccessTokens({ secret: 'x'.repeat(40), ttlMs: 60_000, now: Date.now }).issue({
      user,
      session,
      device,
      tenant: 'default',
    })
    for (const token of ['', 'nonsense', forged.token]) expect((await refusalOf(guest, { token })).data).toEqual({ code: 'E_AUTH_INVALID' })
    for (const token of [undefined, 42, null, {}]) expect((await refusalOf(guest, { token })).data).toEqual({ code: 'E_INVALID' })
  })

  it('a token that ran out', async () => {
    const guest = await server.guest()
    const { token } = await makeAccessTokens({ secret: SECRET, ttlMs: 1_000, now: () => Date.now() - 2_000 }).issue({
      user: guest.user.id,
      session: guest.sessionId,
      device: guest.deviceId as never,
      tenant: 'default',
    })
    expect((await refusalOf(guest, { token })).data).toEqual({ code: 'E_AUTH_EXPIRED' })
  })

  it('a token used from another device', async () => {
    expect((await refusalOf(await server.guest(), { deviceId: randomUUID() })).data).toEqual({ code: 'E_AUTH_INVALID' })
  })

  it('a session that was signed out', async () => {
    const guest = await server.guest()
    await fetch(`${server.url}/api/session/logout`, { method: 'POST', headers: { cookie: guest.cookie } })
    expect((await refusalOf(guest)).data).toEqual({ code: 'E_DEVICE_REVOKED' })
  })

  it('a page that speaks another protocol, and asks it to reload', async () => {
    const guest = await server.guest()
    for (const proto of [[2, 3], [0, 0], 'one', undefined]) {
      expect((await refusalOf(guest, { proto })).data).toMatchObject({ code: 'E_PROTO', reload: true, protoMin: 1, protoMax: 1 })
    }
    // whatever else such a page says is not held against it
    expect((await refusalOf(guest, { proto: [7, 9], tabId: 1, deviceId: 2 })).data).toMatchObject({ code: 'E_PROTO' })
  })

  it('pages of other origins, before anything else; our own and those allowed come in', async () => {
    const allowed = await startServer({ env: { ORIGINS: 'https://friend.example' } })
    const guest = await allowed.guest()
    expect((await refusalOf(guest, {}, { origin: 'https://evil.example' }, allowed)).data).toBeUndefined()
    for (const origin of ['https://friend.example', allowed.url]) (await dial(allowed, guest, { headers: { origin } })).hangUp()
    await allowed.stop()
  })

  it('hellos beyond what is answered at once, spread over some seconds', async () => {
    const busy = await startServer({ timing: { HELLOS_AT_ONCE: 0 } })
    const caller = await join(busy, undefined, { hello: false })
    const reply = await caller.ask('hello', { epoch: null, urev: 0, convs: {} })
    expect(reply).toMatchObject({ ok: false, code: 'E_BUSY', retryAfterMs: expect.any(Number) as number })
    caller.hangUp()
    await busy.stop()
  })

  it('more dials than allowed, and says when to come back', async () => {
    const strict = await startServer({ env: { LIMIT_DIALS: '3' } })
    const guest = await strict.guest()
    for (let n = 0; n < 3; n++) (await dial(strict, guest)).hangUp()
    const { data } = await refusalOf(guest, {}, undefined, strict)
    expect(data?.code).toBe('E_RATE')
    expect(data?.retryAfterMs).toBeGreaterThan(0)
    await strict.stop()
  })
})

describe('who is connected', () => {
  it('is told in the answer to hello', async () => {
    const caller = await join(server, 'Ann', { hello: false })
    const answer = await caller.get('hello', { epoch: null, urev: 0, convs: {} })
    expect(answer).toMatchObject({
      proto: 1,
      user: { id: caller.guest.user.id, name: 'Ann', isGuest: true },
      connId: caller.socket.id,
      sessionId: caller.guest.sessionId,
      deviceId: caller.guest.deviceId,
      isReconnection: false,
      reconnectCount: 0,
    })
    expect(Math.abs(answer.now - Date.now())).toBeLessThan(1_000)
    expect(Object.keys(answer.heads)).toEqual(['lobby'])
    caller.hangUp()
  })

  it('may say where it stands in several parts, and is answered after the last', async () => {
    const first = await join(server, undefined, { hello: false })
    const { heads, urev, epoch } = await first.get('hello', { epoch: null, urev: 0, convs: {} })
    const lobby = heads[LOBBY]
    if (!lobby) throw new Error('no lobby')
    first.hangUp()
    const again = await dial(server, first.guest, { tabId: first.tabId, hello: false })
    expect(await again.ask('hello:part', { convs: { [LOBBY]: [lobby.rev, lobby.h, lobby.marksRev] } })).toEqual({ ok: true })
    expect(await again.ask('probe', { t: 1 })).toMatchObject({ ok: false, code: 'E_NO_SESSION' })
    const answer = await again.get('hello', { epoch, urev, convs: { ['nowhere' as ConversationId]: [3, lobby.h, 0] } })
    expect(answer).toMatchObject({ heads: {}, left: ['nowhere'], diverged: [] })
    expect(await again.ask('hello:part', { convs: {} })).toMatchObject({ ok: false, code: 'E_INVALID' })
    again.hangUp()
  })

  it('is known again by session and tab, and never mistaken for another tab or person', async () => {
    const first = await join(server)
    first.hangUp()
    const again = await dial(server, first.guest, { tabId: first.tabId, hello: false })
    expect(await again.get('hello', { epoch: null, urev: 0, convs: {} })).toMatchObject({ isReconnection: true, reconnectCount: 1 })
    // saying hello twice is not coming back twice
    expect(await again.get('hello', { epoch: null, urev: 0, convs: {} })).toMatchObject({ isReconnection: true, reconnectCount: 1 })
    const otherTab = await dial(server, first.guest, { hello: false })
    expect(await otherTab.get('hello', { epoch: null, urev: 0, convs: {} })).toMatchObject({ isReconnection: false })
    const otherPerson = await join(server, undefined, { tabId: first.tabId, hello: false })
    expect(await otherPerson.get('hello', { epoch: null, urev: 0, convs: {} })).toMatchObject({ isReconnection: false })
    for (const caller of [again, otherTab, otherPerson]) caller.hangUp()
  })

  it('replaces the older connection of the same tab, which is told why', async () => {
    const older = await join(server)
    const newer = await dial(server, older.guest, { tabId: older.tabId })
    expect(await older.hears('server:farewell')).toEqual({ code: 'REPLACED' })
    await older.gone
    expect(older.log.slice(-2)).toEqual(['server:farewell', 'disconnect'])
    expect(newer.socket.connected).toBe(true)
    const otherTab = await dial(server, older.guest)
    expect((await newer.get('probe', { t: 1 })).t).toBe(1)
    for (const caller of [newer, otherTab]) caller.hangUp()
  })

  it('that was held up on the way does not take the place of the one its tab made since', async () => {
    const present = await join(server, undefined, { auth: { dialledAt: 1_000_000 } })
    const { tabId } = present
    const late = dial(server, present.guest, { tabId, auth: { dialledAt: 999_999 } })
    await expect(late).rejects.toMatchObject({ data: { code: 'E_BUSY', retryAfterMs: 1_000 } })
    expect((await present.get('probe', { t: 1 })).t).toBe(1)
    expect(present.heard('server:farewell')).toEqual([])

    // a clock that was set back far, or that of another machine, proves nothing
    const other = await dial(server, present.guest, { tabId, auth: { dialledAt: 700_000 } })
    expect(await present.hears('server:farewell')).toEqual({ code: 'REPLACED' })
    other.hangUp()
  })

  it('whose clock was set back is let in when the one of before is gone', async () => {
    const present = await join(server, undefined, { auth: { dialledAt: 1_000_000 } })
    present.hangUp()
    await until(() => server.app.live.count() === 0)
    const again = await dial(server, present.guest, { tabId: present.tabId, auth: { dialledAt: 999_000 } })
    expect((await again.get('probe', { t: 1 })).t).toBe(1)
    again.hangUp()
  })

  it('is told so and cut when the session ended between handshake and hello', async () => {
    const caller = await join(server, undefined, { hello: false })
    // behind the server's back, so that nobody here is told
    const store = await openSqliteStore({ dir: server.dataDir, newId: randomUUID })
    await store.transact((tx) => tx.updateSession(caller.guest.sessionId, { revokedAt: Date.now() }))
    await store.close()
    caller.socket.emit('hello', { epoch: null, urev: 0, convs: {} })
    expect(await caller.hears('server:farewell')).toEqual({ code: 'DEVICE_REVOKED' })
    await caller.gone
  })

  it('moves from long-polling to a WebSocket when there is one', async () => {
    const caller = await join(server, undefined, { transports: ['polling', 'websocket'] })
    await until(() => server.app.live.report().connections.some((one) => one.socketId === caller.socket.id && one.connectionType === 'websocket'))
    expect(await caller.get('probe', { t: 7 })).toMatchObject({ t: 7 })
    caller.hangUp()
  })

  it('talks over long-polling as well', async () => {
    const caller = await join(server, 'Polly', { transports: ['polling'] })
    expect(await caller.get('probe', { t: 7 })).toMatchObject({ t: 7 })
    caller.hangUp()
  })
})
