import { randomUUID } from 'node:crypto'
import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LOBBY } from '#protocol/ids.ts'
import type { Operation } from '#protocol/message.ts'
import type { Reply } from '#protocol/reply.ts'
import { newId } from '#server/edge/chance.ts'
import { draft, join } from '#server/testing/dial.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'

let server: TestServer
beforeAll(async () => void (server = await startServer({ env: { LIMIT_MESSAGES: '100000/100000' } })))
afterAll(() => server.stop())

describe('what is said in the very moment the line opens', () => {
  it.each(['websocket', 'polling'] as const)('is heard, every time, by %s', async (transport) => {
    const guest = await server.guest()
    const sockets: Socket[] = []
    const answers = await Promise.all(
      Array.from({ length: 30 }, async () => {
        const auth = { proto: [1, 1], token: guest.accessToken, deviceId: guest.deviceId, tabId: randomUUID(), gen: 1, build: 'test' }
        const socket = io(server.url, { transports: [transport], reconnection: false, forceNew: true, autoConnect: false, auth })
        sockets.push(socket)
        // said before there is a line, so that the library sends it with the first turn of it
        const said = [
          socket.timeout(5_000).emitWithAck('hello', { epoch: null, urev: 0, convs: {} }),
          socket.timeout(5_000).emitWithAck('probe', { t: 1 }),
          socket.timeout(5_000).emitWithAck('message:send', { conv: LOBBY, messages: [draft('early')] }),
        ] as [Promise<Reply>, Promise<Reply>, Promise<Reply>]
        socket.connect()
        return Promise.all(said)
      }),
    )
    for (const [hello, ...others] of answers) {
      expect(hello).toMatchObject({ ok: true })
      // done, or told that hello comes first
      for (const other of others) expect(other.ok || other.code === 'E_NO_SESSION').toBe(true)
    }
    for (const socket of sockets) socket.disconnect()
  })
})

describe('changes on their way behind their message', () => {
  it('are made in the order of writing, on a line that waits for no answer, and once each when all is sent again', async () => {
    const [ann, bob] = [await join(server, 'Ann'), await join(server, 'Bob')]
    const [kept, deleted] = [draft('frist'), draft('a secret')]
    const mine = (clientId: typeof kept.clientId) => ({ clientId, sender: ann.guest.user.id })
    const edit = (body: string): Operation => ({ kind: 'edit', opId: newId() as never, target: mine(kept.clientId), body })
    const operations: Operation[] = [edit('firts'), edit('first'), { kind: 'delete', opId: newId() as never, target: mine(deleted.clientId) }]
    const all = () =>
      Promise.all([
        ann.get('message:send', { conv: LOBBY, messages: [kept, deleted] }),
        ...operations.map((operation) => ann.get('operation:apply', { conv: LOBBY, operation })),
      ])
    const [sent, ...changed] = await all()
    const [first] = sent.results
    const rev = (first?.ok && first.rev) || 0
    expect(changed).toEqual([2, 3, 4].map((after) => ({ ok: true, rev: rev + after })))
    const again = await all()
    expect(again.slice(1)).toEqual([2, 3, 4].map((after) => ({ ok: true, rev: rev + after, dup: true })))

    await bob.hears('log:events', ({ events }) => events.some((event) => event.rev === rev + 4))
    const page = await bob.get('sync:pull', { conv: LOBBY, from: 0 })
    const messages = 'reset' in page ? page.reset.messages.filter(({ sender }) => sender === ann.guest.user.id) : []
    expect(messages).toMatchObject([
      { clientId: kept.clientId, body: 'first' },
      { clientId: deleted.clientId, body: '', deletedAt: expect.any(Number) as number },
    ])
    for (const caller of [ann, bob]) caller.hangUp()
  })
})
