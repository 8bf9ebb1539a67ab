import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { LOBBY, type ClientId } from '#protocol/ids.ts'
import { newId } from '#server/edge/chance.ts'
import { openSqliteStore } from '#server/storage/openSqliteStore.ts'
import { dial, DialRefused, draft, until } from '#server/testing/dial.ts'
import { startNode } from '#server/testing/startNode.ts'
import { startServer } from '#server/testing/startServer.ts'

/** They come back in every second of the span, and in none of them all at once. */
function expectSpread(waits: number[], from: number, to: number) {
  for (const ms of waits) {
    expect(ms).toBeGreaterThanOrEqual(from * 1_000)
    expect(ms).toBeLessThanOrEqual(to * 1_000)
  }
  for (let second = from; second < to; second++) {
    const together = waits.filter((ms) => Math.floor(ms / 1_000) === second).length
    expect(together, `back in second ${second}`).toBeGreaterThan(0)
    expect(together, `back in second ${second}`).toBeLessThan(40)
  }
}

describe('a crowd that comes back at once', () => {
  it('and is more than can be greeted is sent away to different moments, on lines that stay', async () => {
    const server = await startServer({ timing: { HELLOS_AT_ONCE: 0 } })
    const guest = await server.guest()
    const callers = await Promise.all(Array.from({ length: 100 }, () => dial(server, guest, { hello: false })))
    const replies = await Promise.all(callers.map((caller) => caller.ask('hello', { epoch: null, urev: 0, convs: {} })))
    expectSpread(
      replies.map((reply) => (!reply.ok && reply.code === 'E_BUSY' && reply.retryAfterMs) || 0),
      1,
      10,
    )
    for (const caller of callers) expect(caller.socket.connected).toBe(true)
    for (const caller of callers) caller.hangUp()
    await server.stop()
  })

  it('is greeted as far as may be at once, and those sent away are greeted when they ask again', async () => {
    const server = await startServer({ timing: { HELLOS_AT_ONCE: 5, BUSY_RETRY_MIN_MS: 1, BUSY_RETRY_MAX_MS: 50 } })
    const guest = await server.guest()
    const callers = await Promise.all(Array.from({ length: 60 }, () => dial(server, guest, { hello: false })))
    let sentAway = 0
    const greeted = await Promise.all(
      callers.map(async (caller) => {
        for (;;) {
          const reply = await caller.ask('hello', { epoch: null, urev: 0, convs: {} })
          if (reply.ok) return reply.connId
          expect(reply.code).toBe('E_BUSY')
          sentAway++
          await new Promise((resolve) => setTimeout(resolve, reply.retryAfterMs))
        }
      }),
    )
    expect(new Set(greeted).size).toBe(60)
    expect(sentAway).toBeGreaterThan(0)
    for (const caller of callers) caller.hangUp()
    await server.stop()
  })

  it('to a server that is about to stop is sent away to different moments', async () => {
    const server = await startServer({ env: { DRAIN_MS: '20000' } })
    const stays = await dial(server, await server.guest())
    const stopping = server.app.close()
    await stays.hears('server:farewell')
    const refusals = await Promise.all(Array.from({ length: 100 }, () => dial(server, stays.guest).catch((error: unknown) => error)))
    expectSpread(
      refusals.map((error) => (error instanceof DialRefused && error.data?.code === 'E_BUSY' && error.data.retryAfterMs) || 0),
      2,
      10,
    )
    stays.hangUp()
    await stopping
    await server.stop()
  })
})

describe('one conversation that everybody writes in at once', () => {
  it('has all of it in one order for everybody, each writer in theirs, nobody waits for long, and commits are shared', async () => {
    const [people, batches] = [40, 12]
    const dir = mkdtempSync(join(tmpdir(), 'tidemark-'))
    const store = await openSqliteStore({ dir, newId })
    const node = await startNode({ store })
    const callers = await Promise.all(Array.from({ length: people }, async () => dial(node, await node.guest())))
    const before = store.stats()
    let slowestMs = 0
    const written = await Promise.all(
      callers.map(async (caller) => {
        const mine: ClientId[] = []
        for (let n = 0; n < batches; n++) {
          const messages = [draft('first'), draft('second')]
          const askedAt = performance.now()
          const { results } = await caller.get('message:send', { conv: LOBBY, messages })
          slowestMs = Math.max(slowestMs, performance.now() - askedAt)
          expect(results.every((result) => result.ok && !result.dup)).toBe(true)
          mine.push(...messages.map(({ clientId }) => clientId))
        }
        return mine
      }),
    )
    const total = people * batches * 2
    const heard = (caller: (typeof callers)[number]) => caller.heard('log:events').flatMap(({ events }) => events)
    await until(() => callers.every((caller) => heard(caller).length >= total))

    const log = await store.read((tx) => tx.events(LOBBY, 0, total + 1))
    expect(log.map((event) => event.rev)).toEqual(Array.from({ length: total }, (_, i) => i + 1))
    for (const [i, caller] of callers.entries()) {
      const own = log.flatMap((event) => ('message' in event && event.message.sender === caller.guest.user.id ? [event.message.clientId] : []))
      expect(own).toEqual(written[i])
      expect(heard(caller).map(({ h }) => h)).toEqual(log.map(({ h }) => h))
    }
    // what a client waits for before it is in doubt
    expect(slowestMs).toBeLessThan(8_000)
    const { transactions, commits } = store.stats()
    expect(commits - before.commits).toBeLessThan((transactions - before.transactions) / 3)

    for (const caller of callers) caller.hangUp()
    await node.stop()
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  })
})
