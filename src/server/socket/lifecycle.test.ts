import { randomUUID } from 'node:crypto'
import { connect, type Socket as TcpSocket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { LOBBY, type ConversationId } from '#protocol/ids.ts'
import type { MessageDraft } from '#protocol/requests.ts'
import { openSqliteStore } from '#server/storage/openSqliteStore.ts'
import { dial, DialRefused, draft, join, until, type Caller } from '#server/testing/dial.ts'
import { startServer, type StartOptions, type TestServer } from '#server/testing/startServer.ts'

const running: TestServer[] = []
async function start(options?: StartOptions): Promise<TestServer> {
  const server = await startServer(options)
  running.push(server)
  return server
}
afterEach(async () => void (await Promise.all(running.splice(0).map((server) => server.stop()))))

const bodiesOf = async (caller: Caller): Promise<string[]> => {
  const answer = await caller.get('sync:pull', { conv: LOBBY, from: 0 })
  return 'reset' in answer ? answer.reset.messages.map((message) => message.body) : []
}

describe('a token that runs out', () => {
  it('is announced, then ends the connection with the reason', async () => {
    const server = await start({ env: { ACCESS_TOKEN_TTL_MS: '1000' }, timing: { HOUSEKEEPING_MS: 20, EXPIRED_GRACE_MS: 200 } })
    const began = Date.now()
    const caller = await join(server)
    const { expiresInMs } = await caller.hears('session:expiring')
    expect(expiresInMs).toBeGreaterThanOrEqual(0)
    expect(expiresInMs).toBeLessThanOrEqual(334)
    expect(await caller.hears('server:farewell')).toEqual({ code: 'AUTH_EXPIRED' })
    expect(Date.now() - began).toBeGreaterThan(1_000)
    await caller.gone
    expect(caller.log.slice(-2)).toEqual(['server:farewell', 'disconnect'])
  })

  it('can be replaced on the open connection, by a token of the same session only', async () => {
    const server = await start({ env: { ACCESS_TOKEN_TTL_MS: '1000' }, timing: { HOUSEKEEPING_MS: 20, EXPIRED_GRACE_MS: 100 } })
    const caller = await join(server)
    const stranger = await server.guest()
    expect(await caller.ask('session:refresh', { token: stranger.accessToken })).toMatchObject({ ok: false, code: 'E_AUTH_INVALID' })
    expect(await caller.ask('session:refresh', { token: 'nonsense' })).toMatchObject({ ok: false, code: 'E_AUTH_INVALID' })
    for (let times = 1; times <= 3; times++) {
      await caller.hears('session:expiring', () => caller.heard('session:expiring').length === times)
      const { guest } = caller
      const renewed = (await (
        await fetch(`${server.url}/api/session/refresh`, {
          method: 'POST',
          headers: { cookie: guest.cookie },
          body: JSON.stringify({ deviceId: guest.deviceId }),
        })
      ).json()) as { accessToken: string }
      expect((await caller.get('session:refresh', { token: renewed.accessToken })).expiresInMs).toBeGreaterThan(500)
    }
    expect(caller.socket.connected).toBe(true)
    expect(caller.heard('server:farewell')).toEqual([])
    caller.hangUp()
  })
})

describe('a server that stops', () => {
  it('says farewell first, refuses newcomers, lets the old connections work, then cuts', async () => {
    const server = await start({ env: { DRAIN_MS: '600' } })
    const [ann, bob] = [await join(server), await join(server)]
    const stopping = server.stop()
    const farewell = await ann.hears('server:farewell')
    expect(farewell.code).toBe('DRAIN')
    expect(farewell.reconnectInMs).toBeGreaterThanOrEqual(2_000)
    expect(farewell.reconnectInMs).toBeLessThanOrEqual(10_000)
    // still at work
    await ann.get('message:send', { conv: LOBBY, messages: [draft('last words')] })
    await bob.hears('log:events')
    expect(await ann.gone).toBe('transport close')
    expect(ann.log.at(-1)).toBe('disconnect')
    await stopping
  })

  it('asks those it sends away to come back at different moments', async () => {
    const server = await start()
    const callers = await Promise.all(Array.from({ length: 100 }, () => join(server)))
    const stopping = server.stop()
    const returns = await Promise.all(callers.map(async (caller) => (await caller.hears('server:farewell')).reconnectInMs ?? 0))
    for (let second = 2; second < 10; second++) {
      const together = returns.filter((ms) => Math.floor(ms / 1_000) === second).length
      expect(together, `back in second ${second}`).toBeGreaterThan(0)
      expect(together, `back in second ${second}`).toBeLessThan(40)
    }
    await stopping
  })

  it('does not wait when nobody is connected, and no longer than the last one stays', async () => {
    const empty = await start({ env: { DRAIN_MS: '60000' } })
    await empty.stop()
    const server = await start({ env: { DRAIN_MS: '60000' } })
    const caller = await join(server)
    const stopping = server.stop()
    await caller.hears('server:farewell')
    caller.hangUp()
    await stopping
  })

  it('tells newcomers to come back later', async () => {
    const server = await start({ env: { DRAIN_MS: '400' } })
    const caller = await join(server)
    const draining = server.app.close()
    await caller.hears('server:farewell')
    const refused = await dial(server, caller.guest).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(DialRefused)
    expect((refused as DialRefused).data).toMatchObject({ code: 'E_BUSY', retryAfterMs: expect.any(Number) as number })
    expect((await fetch(`${server.url}/health/ready`)).status).toBe(503)
    await draining
  })

  it('keeps every acknowledged message over a restart, gentle or not', async () => {
    const server = await start()
    let caller = await join(server)
    for (const abruptly of [false, true]) {
      await caller.get('message:send', { conv: LOBBY, messages: [draft(`before ${abruptly ? 'the crash' : 'the restart'}`)] })
      await server.restart({ abruptly })
      await caller.gone
      caller = await dial(server, caller.guest, { tabId: caller.tabId, gen: 2 })
    }
    expect(await bodiesOf(caller)).toEqual(['before the restart', 'before the crash'])
    caller.hangUp()
  })
})

describe('connections that go', () => {
  it('leave nothing behind but their session, a thousand of them', async () => {
    const server = await start({ env: { LIMIT_DIALS: '100000' }, timing: { PRESENCE_GRACE_MS: 10 } })
    const guest = await server.guest()
    const began = Date.now()
    const cycle = async (): Promise<void> => {
      const caller = await dial(server, guest)
      await caller.get('conversation:open', { conv: LOBBY })
      await caller.get('presence:watch', { users: [guest.user.id] })
      caller.hangUp()
    }
    for (let n = 0; n < 1_000; n += 50) await Promise.all(Array.from({ length: 50 }, cycle))
    await until(() => server.app.live.count() === 0)
    await until(() => server.app.live.report().engineClients === 0)
    expect(server.app.live.report()).toMatchObject({ totalSockets: 0, engineClients: 0, users: 0, totalRooms: 0, rooms: {}, connections: [] })

    const store = await openSqliteStore({ dir: server.dataDir, newId: randomUUID })
    const session = await store.read((tx) => tx.session(guest.sessionId))
    await store.close()
    expect(session).toMatchObject({ id: guest.sessionId, user: guest.user.id, deviceId: guest.deviceId, revokedAt: null })
    expect(session?.lastSeenAt).toBeGreaterThanOrEqual(began)
  })

  it('keep nothing of a thousand conversations that were opened and closed, theirs or not', async () => {
    const server = await start()
    const caller = await join(server)
    const before = server.app.live.report()
    for (let n = 0; n < 500; n++) {
      const foreign = `foreign-${n}` as ConversationId
      await Promise.all([caller.ask('conversation:open', { conv: LOBBY }), caller.ask('conversation:open', { conv: foreign })])
      await Promise.all([caller.ask('conversation:close', { conv: LOBBY }), caller.ask('conversation:close', { conv: foreign })])
    }
    const { totalRooms, rooms } = server.app.live.report()
    expect({ totalRooms, rooms }).toEqual({ totalRooms: before.totalRooms, rooms: before.rooms })
    caller.hangUp()
  })

  it('are noticed on both sides when they go silent, with the reason, and are offline to others after the grace', async () => {
    const lines: Record<string, unknown>[] = []
    const server = await start({
      env: { PING_INTERVAL_MS: '200', PING_TIMEOUT_MS: '200', LOG_LEVEL: 'info' },
      timing: { PRESENCE_GRACE_MS: 100 },
      onLog: (line) => lines.push(line),
    })
    const [caller, watcher] = [await join(server), await join(server)]
    const { id } = caller.guest.user
    await watcher.get('presence:watch', { users: [id] })
    const since = performance.now()
    // half-open: the other end is there but neither hears nor answers
    ;(caller.socket.io.engine.transport as unknown as { ws: { _socket: TcpSocket } }).ws._socket.pause()
    expect(await caller.gone).toBe('ping timeout')
    await watcher.hears('presence:changed', ({ states }) => states.some((one) => one.user === id && one.state === 'offline'))
    // interval, timeout and grace, and something for a busy machine
    expect(performance.now() - since).toBeLessThan(2_500)
    expect(server.app.live.report().connections.map((one) => one.user.id)).toEqual([watcher.guest.user.id])
    expect(lines.find((line) => line['stage'] === 'DISCONNECTED')).toMatchObject({ userId: id, reason: 'ping timeout' })
    watcher.hangUp()
  })

  it('show their last heartbeat, which goes on while they are idle', async () => {
    const server = await start({ env: { PING_INTERVAL_MS: '100' } })
    const caller = await join(server)
    const [before] = server.app.live.report().connections
    await until(() => server.app.live.report().connections[0]!.lastHeartbeat > before!.lastHeartbeat)
    expect(server.app.live.report().connections[0]!.lastActivity).toBe(before!.lastActivity)
    caller.hangUp()
  })

  it('are as active as their last request', async () => {
    const server = await start()
    const caller = await join(server)
    const ageOf = () => {
      const [one] = server.app.live.report().connections
      return { lastActivity: one!.lastActivity, now: Date.now() }
    }
    const before = ageOf()
    await until(() => Date.now() > before.now + 20)
    expect(ageOf().lastActivity).toBe(before.lastActivity)
    for (const name of ['probe', 'no:such:event'] as const) {
      const asked = Date.now()
      await caller.ask(name as 'probe', { t: 1 })
      expect(ageOf().lastActivity).toBeGreaterThanOrEqual(asked)
      await until(() => Date.now() > asked + 5)
    }
    caller.hangUp()
  })

  it('can be cut by hand, for tests, as a failing line would', async () => {
    const server = await start()
    const [ann, bob] = [await join(server), await join(server)]
    server.kick(ann.guest.user.id)
    await ann.gone
    expect(ann.heard('server:farewell')).toEqual([])
    expect(bob.socket.connected).toBe(true)
    bob.hangUp()
  })
})

describe('a reader that does not keep up', () => {
  it('is cut with the reason, while everybody else hears everything', async () => {
    const server = await start({ env: { LIMIT_MESSAGES: '100000/100000' }, timing: { HOUSEKEEPING_MS: 20, FAREWELL_FLUSH_MS: 200 } })
    const [ann, bob, slow] = [await join(server), await join(server), await join(server)]
    ;(slow.socket.io.engine.transport as unknown as { ws: { _socket: TcpSocket } }).ws._socket.pause()
    const batch = (): MessageDraft[] => Array.from({ length: 16 }, () => draft('x'.repeat(4_000)))
    let sent = 0
    while (server.app.live.count() === 3 && sent < 8_000) {
      await ann.get('message:send', { conv: LOBBY, messages: batch() })
      sent += 16
    }
    expect(server.app.live.count()).toBe(2)
    await until(() => bob.heard('log:events').flatMap(({ events }) => events).length === sent)
    for (const caller of [ann, bob, slow]) caller.hangUp()
  })
})

describe('a raw connection that never says CONNECT', () => {
  it('is closed after a while', async () => {
    const server = await start({ timing: { CONNECT_TIMEOUT_MS: 200 } })
    const line = connect(server.port, '127.0.0.1')
    const closed = new Promise((resolve) => line.once('close', resolve))
    line.on('error', () => undefined)
    line.write(
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
    )
    // answers the closing frame, as a WebSocket client does
    line.on('data', (data) => data.includes(0x88) && line.end())
    await closed
  })
})
