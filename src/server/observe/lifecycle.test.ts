import { afterEach, describe, expect, it } from 'vitest'
import { LOBBY } from '#protocol/ids.ts'
import { dial, draft, join, until } from '#server/testing/dial.ts'
import { startServer, type StartOptions, type TestServer } from '#server/testing/startServer.ts'

type Line = Record<string, unknown>
const running: TestServer[] = []
async function startLogging(
  options: StartOptions = {},
): Promise<{ server: TestServer; lines: Line[]; stagesOf: (socketId: string | undefined) => unknown[] }> {
  const lines: Line[] = []
  const server = await startServer({ ...options, env: { LOG_LEVEL: 'trace', ...options.env }, onLog: (line) => lines.push(line) })
  running.push(server)
  return { server, lines, stagesOf: (socketId) => lines.filter((line) => line['socketId'] === socketId).map((line) => line['stage']) }
}
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()))
})

describe('the log', () => {
  it('has one line for each stage of a connection, with its rooms and why it ended', async () => {
    const { server, lines, stagesOf } = await startLogging()
    const caller = await join(server)
    const { id } = caller.socket
    await caller.get('conversation:open', { conv: LOBBY })
    caller.hangUp()
    await until(() => stagesOf(id).includes('DISCONNECTED'))
    expect(stagesOf(id)).toEqual(['CONNECTED', 'AUTHENTICATED', 'ACTIVE', 'DISCONNECTING', 'DISCONNECTED'])
    const { user, sessionId } = caller.guest
    expect(lines.find((line) => line['stage'] === 'DISCONNECTING')).toMatchObject({
      event: 'socket_disconnecting',
      userId: user.id,
      sessionId,
      rooms: [id, `user:${user.id}`, `dev:${caller.guest.deviceId}`, `view:${LOBBY}`],
    })
    expect(lines.find((line) => line['stage'] === 'DISCONNECTED')).toMatchObject({
      reason: 'client namespace disconnect',
      durationMs: expect.any(Number) as number,
    })
  })

  it('shows that a tab which comes back is verified anew each time, and how often it came', async () => {
    const { server, lines, stagesOf } = await startLogging()
    const first = await join(server)
    const callers = [first]
    const ids = [first.socket.id]
    for (let times = 1; times <= 3; times++) {
      server.cutAll()
      await callers.at(-1)!.gone
      callers.push(await dial(server, first.guest, { tabId: first.tabId, gen: times + 1 }))
      ids.push(callers.at(-1)!.socket.id)
    }
    for (const id of ids) expect(stagesOf(id).slice(0, 3)).toEqual(['CONNECTED', 'AUTHENTICATED', 'ACTIVE'])
    expect(lines.filter((line) => line['stage'] === 'ACTIVE').map((line) => [line['isReconnection'], line['reconnectCount']])).toEqual([
      [false, 0],
      [true, 1],
      [true, 2],
      [true, 3],
    ])
    expect(server.app.live.report().connections[0]).toMatchObject({
      reconnectCount: 3,
      connectionAttempts: 4,
      lastReconnectTime: expect.any(Number) as number,
    })
    callers.at(-1)!.hangUp()
  })

  it('names the code of a refused handshake', async () => {
    const { server, lines } = await startLogging()
    await expect(dial(server, await server.guest(), { auth: { token: 'nonsense' } })).rejects.toThrow('E_AUTH_INVALID')
    expect(lines.find((line) => line['stage'] === 'REFUSED')).toMatchObject({ event: 'socket_refused', code: 'E_AUTH_INVALID' })
    await expect(dial(server, await server.guest(), { headers: { origin: 'https://evil.example' } })).rejects.toThrow('websocket error')
    expect(lines.filter((line) => line['stage'] === 'REFUSED')).toHaveLength(2)
  })

  it('never holds what people wrote, nor anything that lets somebody in', async () => {
    const { server, lines } = await startLogging()
    const caller = await join(server)
    await caller.get('message:send', { conv: LOBBY, messages: [draft('between you and me')] })
    await caller.ask('message:send', { conv: LOBBY, messages: [{ ...draft('for your eyes only'), clientId: 'broken' as never }] })
    await fetch(`${server.url}/api/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${caller.guest.accessToken}` },
      body: '{"conv":"lobby","messages":[{"body":"hush"}]}',
    })
    caller.hangUp()
    await until(() => lines.some((line) => line['stage'] === 'DISCONNECTED'))
    const all = JSON.stringify(lines)
    for (const secret of ['between you', 'your eyes', 'hush', caller.guest.accessToken, caller.guest.cookie.split('=')[1] ?? '?'])
      expect(all).not.toContain(secret)
  })

  it('counts the connections every so often while there are any', async () => {
    const { server, lines } = await startLogging({ timing: { STATS_EVERY_MS: 50 } })
    const caller = await join(server)
    // the first lines may be of before its hello was answered
    const isInRooms = (line: Record<string, unknown>) => line['event'] === 'connection_stats' && line['rooms'] === 2
    await until(() => lines.some(isInRooms))
    expect(lines.find(isInRooms)).toMatchObject({ total: 1, authenticated: 1, active: 1, users: 1 })
    caller.hangUp()
    await until(() => lines.some((line) => line['event'] === 'connection_stats' && line['total'] === 0))
  })
})
