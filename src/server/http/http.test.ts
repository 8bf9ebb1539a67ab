import { randomUUID } from 'node:crypto'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { isCode } from '#protocol/codes.ts'
import type { ConversationFacts } from '#protocol/conversation.ts'
import { HttpError, SessionAnswer } from '#protocol/session.ts'
import { dial, draft, join, until } from '#server/testing/dial.ts'
import type { Guest } from '#server/testing/signInGuest.ts'
import { nonsensicalRequests, type NonsensicalRequest } from '#server/testing/nonsense.ts'
import { routesInDocs } from '#testing/routesInDocs.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'

let server: TestServer
beforeAll(async () => void (server = await startServer({ env: { LIMIT_MESSAGES: '1000/1000' } })))
afterAll(() => server.stop())

type Ask = { method?: string; body?: unknown; as?: Guest; headers?: Record<string, string>; on?: TestServer }
async function ask(path: string, { method = 'GET', body, as, headers, on = server }: Ask = {}) {
  const response = await fetch(`${on.url}${path}`, {
    method,
    headers: { ...(as && { authorization: `Bearer ${as.accessToken}` }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    body: (text === '' ? null : JSON.parse(text)) as Record<string, unknown>,
    headers: response.headers,
    cookie: response.headers.getSetCookie()[0] ?? '',
  }
}
const refresh = (guest: Pick<Guest, 'deviceId' | 'cookie'>, cookie = guest.cookie) =>
  ask('/api/session/refresh', { method: 'POST', body: { deviceId: guest.deviceId }, headers: { cookie } })
const pairOf = (cookie: string): string => cookie.split(';')[0] ?? ''

describe('a session', () => {
  it('starts with one request, under the name asked for or one of ours', async () => {
    const { body, cookie, status } = await ask('/api/session/guest', { method: 'POST', body: { deviceId: randomUUID(), name: '  Ann  ' } })
    expect(status).toBe(200)
    expect(SessionAnswer.parse(body).user).toMatchObject({ name: 'Ann', isGuest: true })
    expect(cookie).toMatch(/HttpOnly/)
    expect(cookie).toMatch(/SameSite=Lax/)
    expect(cookie).toMatch(/Path=\/api\/session/)
    expect(cookie).not.toMatch(/Secure/)
    expect((await server.guest()).user.name).toMatch(/^[A-Z][a-z]+[A-Z][a-z]+\d+$/)
  })

  it('has a Secure cookie where people come by https', async () => {
    const https = await startServer({ env: { PUBLIC_URL: 'https://chat.example.org', SECRET: 's'.repeat(32) } })
    expect((await ask('/api/session/guest', { method: 'POST', body: { deviceId: randomUUID() }, on: https })).cookie).toMatch(/Secure/)
    await https.stop()
  })

  it('is renewed by its cookie, which changes each time; two tabs at once both succeed', async () => {
    const guest = await server.guest()
    const [a, b] = await Promise.all([refresh(guest), refresh(guest)])
    for (const answer of [a, b]) {
      expect(answer.status).toBe(200)
      expect(answer.body).toMatchObject({ user: { id: guest.user.id }, sessionId: guest.sessionId })
    }
    expect(pairOf(a.cookie)).not.toBe(guest.cookie)
    expect((await refresh(guest, pairOf(b.cookie))).status).toBe(200)
  })

  it('ends for everybody, open connections included, when an old cookie turns up again: somebody holds a copy', async () => {
    const caller = await join(server)
    const renewed = await refresh(caller.guest)
    await refresh(caller.guest, pairOf(renewed.cookie))
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 60_000 })
    try {
      expect(await refresh(caller.guest)).toMatchObject({ status: 401, body: { code: 'E_AUTH_INVALID' } })
      expect(await caller.hears('server:farewell')).toEqual({ code: 'DEVICE_REVOKED' })
      expect((await refresh(caller.guest, pairOf(renewed.cookie))).status).toBe(401)
    } finally {
      vi.useRealTimers()
    }
  })

  it('that never was is nobody, and no error', async () => {
    const { status, body } = await ask('/api/session/refresh', { method: 'POST', body: { deviceId: randomUUID() } })
    expect([status, body]).toEqual([200, { user: null }])
  })

  it('refused by its cookie loses it', async () => {
    const guest = await server.guest()
    for (const bad of [pairOf(guest.cookie).replace(/=.*/, '=forged'), guest.cookie]) {
      const { status, body, cookie } = await refresh({ ...guest, deviceId: randomUUID() }, bad)
      expect([status, body['code']]).toEqual([401, 'E_AUTH_INVALID'])
      expect(cookie).toMatch(/Max-Age=0/)
    }
  })

  it('ends on signing out: the cookie, the token and every open connection', async () => {
    const caller = await join(server)
    const { guest } = caller
    const { status, cookie } = await ask('/api/session/logout', { method: 'POST', headers: { cookie: guest.cookie } })
    expect([status, /Max-Age=0/.test(cookie)]).toEqual([200, true])
    expect(await caller.hears('server:farewell')).toEqual({ code: 'SIGNED_OUT' })
    await caller.gone
    expect(await ask('/api/me', { as: guest })).toMatchObject({ status: 401, body: { code: 'E_DEVICE_REVOKED' } })
    expect((await refresh(guest)).status).toBe(401)
    expect((await ask('/api/session/logout', { method: 'POST' })).status).toBe(200)
  })

  it('can be ended by its token alone', async () => {
    const guest = await server.guest()
    await ask('/api/session/logout', { method: 'POST', as: guest })
    expect((await refresh(guest)).status).toBe(401)
  })

  it('stays with its cookie when somebody else is named as leaving', async () => {
    const [ann, ben] = [await server.guest(), await server.guest()]
    const logout = (user: string, as?: Guest) =>
      ask('/api/session/logout', { method: 'POST', body: { user }, headers: { cookie: ben.cookie }, ...(as && { as }) })
    expect(await logout(ann.user.id, ann)).toMatchObject({ status: 200, cookie: '' })
    expect((await refresh(ann)).status).toBe(401)
    expect((await ask('/api/me', { as: ben })).status).toBe(200)
    expect((await logout(ben.user.id)).cookie).toMatch(/Max-Age=0/)
    expect((await ask('/api/me', { as: ben })).status).toBe(401)
  })

  it('is not for pages of other origins to touch', async () => {
    const guest = await server.guest()
    for (const path of ['refresh', 'logout', 'guest']) {
      const headers = { cookie: guest.cookie, origin: 'https://evil.example' }
      expect(await ask(`/api/session/${path}`, { method: 'POST', body: { deviceId: guest.deviceId }, headers })).toMatchObject({
        status: 403,
        body: { code: 'E_FORBIDDEN' },
      })
    }
    expect((await ask('/api/me', { as: guest, headers: { origin: 'https://evil.example' } })).headers.get('access-control-allow-origin')).toBeNull()
    expect(
      (
        await ask('/api/session/refresh', {
          method: 'POST',
          body: { deviceId: guest.deviceId },
          headers: { cookie: guest.cookie, origin: server.url },
        })
      ).status,
    ).toBe(200)
  })

  it('can not be started without end from one address', async () => {
    const strict = await startServer({ env: { LIMIT_GUESTS: '2' } })
    const start = () => ask('/api/session/guest', { method: 'POST', body: { deviceId: randomUUID() }, on: strict })
    expect([(await start()).status, (await start()).status]).toEqual([200, 200])
    const refused = await start()
    expect(refused).toMatchObject({ status: 429, body: { code: 'E_RATE', retryAfterMs: expect.any(Number) as number } })
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    await strict.stop()
  })
})

describe('me', () => {
  it('is who the token says, and may be called otherwise, which every tab hears', async () => {
    const caller = await join(server, 'Ann')
    const tabs = [caller, await dial(server, caller.guest), await dial(server, caller.guest)]
    expect((await ask('/api/me', { as: caller.guest })).body).toMatchObject({ user: { id: caller.guest.user.id, name: 'Ann' } })
    expect((await ask('/api/me', { method: 'PATCH', body: { name: 'Anna' }, as: caller.guest })).body).toMatchObject({ user: { name: 'Anna' } })
    for (const tab of tabs) expect(await tab.hears('user:event')).toMatchObject({ kind: 'profile', name: 'Anna' })
    for (const tab of tabs) tab.hangUp()
  })
})

describe('conversations over HTTP', () => {
  it('are made, listed, renamed, joined by invite, left', async () => {
    const [ann, bob, eve] = [await server.guest('Ann'), await server.guest('Bob'), await server.guest('Eve')]
    const made = await ask('/api/conversations', { method: 'POST', body: { name: 'Boat', members: [bob.user.id] }, as: ann })
    const { id } = made.body['conversation'] as ConversationFacts
    expect(made.body['conversation']).toMatchObject({ kind: 'group', name: 'Boat', role: 'owner', memberCount: 2 })
    expect((await ask('/api/conversations', { as: bob })).body['conversations']).toHaveLength(2)
    expect((await ask(`/api/conversations/${id}`, { method: 'PATCH', body: { name: 'Ship' }, as: ann })).body).toMatchObject({
      conversation: { name: 'Ship' },
    })
    expect(await ask(`/api/conversations/${id}`, { as: eve })).toMatchObject({ status: 403, body: { code: 'E_NOT_MEMBER' } })
    const { code, path } = (await ask(`/api/conversations/${id}/invites`, { method: 'POST', as: ann })).body
    expect(path).toBe(`/join/${String(code)}`)
    expect((await ask(`/api/invites/${String(code)}`, { as: eve })).body).toMatchObject({ invite: { name: 'Ship', memberCount: 2, isMember: false } })
    expect((await ask(`/api/invites/${String(code)}/join`, { method: 'POST', as: eve })).body).toMatchObject({ conversation: { id, memberCount: 3 } })
    expect(await ask('/api/invites/nonsense', { as: eve })).toMatchObject({ status: 404, body: { code: 'E_NOT_FOUND' } })
    expect((await ask(`/api/conversations/${id}/leave`, { method: 'POST', as: eve })).status).toBe(200)
    expect(await ask(`/api/conversations/${id}/members/${ann.user.id}`, { method: 'DELETE', as: bob })).toMatchObject({ status: 403 })
    expect((await ask(`/api/conversations/${id}/members/${bob.user.id}`, { method: 'DELETE', as: ann })).status).toBe(200)
    expect((await ask(`/api/conversations/${id}/members`, { method: 'POST', body: { users: [bob.user.id] }, as: ann })).body).toMatchObject({
      conversation: { memberCount: 2 },
    })
  })

  it('between two people are one, whoever opens it and how often', async () => {
    const [ann, bob] = [await server.guest('Ann'), await server.guest('Bob')]
    const open = (as: Guest, user: Guest) => ask('/api/conversations/direct', { method: 'POST', body: { user: user.user.id }, as })
    const answers = await Promise.all([open(ann, bob), open(bob, ann), open(ann, bob), open(bob, ann)])
    expect(new Set(answers.map(({ body }) => (body['conversation'] as ConversationFacts).id)).size).toBe(1)
  })
})

describe('the HTTP twins', () => {
  it('send and catch up by the same rules and under the same ids', async () => {
    const caller = await join(server, 'Ann')
    const messages = [draft('by post')]
    const first = await ask('/api/messages', { method: 'POST', body: { conv: 'lobby', messages }, as: caller.guest })
    expect(first.body).toMatchObject({ results: [{ ok: true }] })
    await caller.hears('log:events')
    const { results } = await caller.get('message:send', { conv: 'lobby' as never, messages })
    expect(results[0]).toMatchObject({ dup: true, seq: (first.body['results'] as { seq: number }[])[0]?.seq })
    const pulled = await ask('/api/sync?conv=lobby&from=0', { as: caller.guest })
    expect(pulled.body).toMatchObject({ reset: { messages: [{ body: 'by post' }] } })
    const page = await ask('/api/conversations/lobby/messages?limit=10', { as: caller.guest })
    expect(page.body).toMatchObject({ start: true, messages: [{ body: 'by post' }] })
    caller.hangUp()
  })
})

describe('the documentation', () => {
  it('names paths and methods that are there', async () => {
    const rows = routesInDocs()
    expect(rows.length).toBeGreaterThan(40)
    for (const { method, path } of rows) {
      const answer = await ask(path.replaceAll(/:\w+/g, 'x'), { method })
      expect([method, path, [404, 405].includes(answer.status)]).toEqual([method, path, false])
    }
  })
})

describe('every answer', () => {
  it('is JSON with a code and a sentence when something is wrong', async () => {
    const guest = await server.guest()
    const cases: [string, Ask, number, string][] = [
      ['/api/nothing', {}, 404, 'E_NOT_FOUND'],
      ['/api', {}, 404, 'E_NOT_FOUND'],
      ['/health/nothing', {}, 404, 'E_NOT_FOUND'],
      ['/api/me', {}, 401, 'E_AUTH_INVALID'],
      ['/api/me', { headers: { authorization: 'Basic x' } }, 401, 'E_AUTH_INVALID'],
      ['/api/me', { method: 'DELETE', as: guest }, 405, 'E_INVALID'],
      ['/api/session/guest', { method: 'GET' }, 405, 'E_INVALID'],
      ['/api/session/guest', { method: 'POST', body: '{' }, 400, 'E_INVALID'],
      ['/api/session/guest', { method: 'POST', body: { deviceId: 'x' } }, 400, 'E_INVALID'],
      ['/api/session/guest', { method: 'POST', body: { deviceId: randomUUID(), name: ' ' } }, 400, 'E_INVALID'],
      ['/api/session/guest', { method: 'POST', body: { deviceId: randomUUID(), name: '\u200B\u2066\uFE0F' } }, 400, 'E_INVALID'],
      ['/api/messages', { method: 'POST', body: 'x'.repeat(300_000), as: guest }, 413, 'E_TOO_BIG'],
      ['/api/sync?conv=lobby&from=-1', { as: guest }, 400, 'E_INVALID'],
      ['/api/conversations/%00', { as: guest }, 400, 'E_INVALID'],
      ['/api/conversations/%E0%A4%A', { as: guest }, 400, 'E_INVALID'],
    ]
    for (const [path, request, status, code] of cases) {
      const answer = await ask(path, request)
      expect([path, answer.status, answer.body['code']]).toEqual([path, status, code])
      expect(HttpError.parse(answer.body).message).toMatch(/\.$/)
      expect(answer.headers.get('content-type')).toMatch(/^application\/json/)
    }
  })

  it('answers nonsensical requests with a code each', async () => {
    const guest = await server.guest()
    const requests = nonsensicalRequests(guest.user.id, 400)
    const tryOne = async ({ path, method, body }: NonsensicalRequest): Promise<void> => {
      const answer = await ask(path, { method, as: guest, ...(method !== 'GET' && { body }) })
      expect(answer.status, `${method} ${path}`).not.toBe(500)
      if (answer.status >= 400) expect(isCode(answer.body['code']), `${method} ${path}`).toBe(true)
    }
    while (requests.length > 0) await Promise.all(requests.splice(0, 25).map(tryOne))
    expect((await ask('/health')).status).toBe(200)
  })

  it('survives a request cut short', async () => {
    const line = connect(server.port, '127.0.0.1')
    line.write('POST /api/session/guest HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"device')
    await new Promise((resolve) => line.once('connect', resolve))
    line.resetAndDestroy()
    expect((await ask('/health')).status).toBe(200)
  })
})

describe('health', () => {
  it('tells everybody that it runs, and operators who is connected', async () => {
    const guarded = await startServer({ env: { OPERATOR_TOKEN: 'operators-only-token' } })
    const caller = await join(guarded, 'Ann')
    await caller.get('conversation:open', { conv: 'lobby' as never })
    expect((await ask('/health', { on: guarded })).body).toMatchObject({
      status: 'ok',
      connectedSockets: 1,
      uptime: expect.any(Number) as number,
      loopLagMs: expect.any(Number) as number,
      memory: { rss: expect.any(Number) as number },
    })
    expect((await ask('/health/ready', { on: guarded })).body).toMatchObject({ status: 'ready' })
    expect((await ask('/health/sockets', { on: guarded })).status).toBe(401)
    expect((await ask('/health/sockets', { on: guarded, headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
    const { body } = await ask('/health/sockets', { on: guarded, headers: { authorization: 'Bearer operators-only-token' } })
    expect(body).toMatchObject({
      totalSockets: 1,
      engineClients: 1,
      authenticated: 1,
      active: 1,
      users: 1,
      rooms: { [`user:${caller.guest.user.id}`]: 1, 'view:lobby': 1 },
    })
    expect((body['connections'] as object[])[0]).toMatchObject({
      socketId: caller.socket.id,
      user: { id: caller.guest.user.id, name: 'Ann' },
      isAuthenticated: true,
      isActive: true,
      isAlive: true,
      connectionAttempts: 1,
      connectionType: 'websocket',
      currentRoom: 'lobby',
      messageCount: 0,
      reconnectCount: 0,
      clientInfo: { build: 'test', address: '127.0.0.1' },
    })
    caller.hangUp()
    await until(() => guarded.app.live.count() === 0)
    await guarded.stop()
  })

  it('is not ready while the event loop is behind, and again when it keeps up', async () => {
    const busy = await startServer({ timing: { LOOP_LOOK_MS: 500, LOOP_LAG_MAX_MS: 100 } })
    const ready = () => ask('/health/ready', { on: busy })
    await until(async () => (await ready()).status === 200)
    // asked meanwhile, and taken in when it is over
    const asked = ready()
    const end = performance.now() + 500 + 200
    while (performance.now() < end);
    expect(await asked).toMatchObject({ status: 503, body: { code: 'E_BUSY' } })
    await until(async () => (await ready()).status === 200)
    await busy.stop()
  })

  it('shows the connections to this machine when no token was set', async () => {
    const caller = await dial(server, await server.guest())
    expect((await ask('/health/sockets')).status).toBe(200)
    caller.hangUp()
  })
})
