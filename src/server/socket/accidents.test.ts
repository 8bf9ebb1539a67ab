import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LOBBY, type ClientId } from '#protocol/ids.ts'
import type { MessageDraft } from '#protocol/requests.ts'
import type { Position } from '#protocol/sync.ts'
import { newId } from '#server/edge/chance.ts'
import { openSqliteStore } from '#server/storage/openSqliteStore.ts'
import { openDatabase } from '#server/storage/sqliteDriver.ts'
import type { Store } from '#server/storage/store.ts'
import { dial, DialRefused, draft, type Caller } from '#server/testing/dial.ts'
import { fatefulStore, never, startNode, type NodeOptions, type ServerNode } from '#server/testing/startNode.ts'
import { startServer } from '#server/testing/startServer.ts'

let dir: string
let database: Store
let fate: ReturnType<typeof fatefulStore>
const nodes: ServerNode[] = []
const callers: Caller[] = []

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tidemark-'))
  database = await openSqliteStore({ dir, newId })
  fate = fatefulStore(database)
})
afterEach(async () => {
  for (const caller of callers.splice(0)) caller.hangUp()
  for (const node of nodes.splice(0)) await node.stop()
  await database.close()
  rmSync(dir, { recursive: true, force: true })
})

async function start(options: Partial<NodeOptions> = {}): Promise<ServerNode> {
  const node = await startNode({ store: fate.store, ...options })
  nodes.push(node)
  return node
}
async function comes(node: Parameters<typeof dial>[0], ...more: [Caller['guest'], Parameters<typeof dial>[2]?]): Promise<Caller> {
  const caller = await dial(node, ...more)
  callers.push(caller)
  return caller
}
const joins = async (node: ServerNode, name: string) => comes(node, await node.guest(name))
const send = (...messages: MessageDraft[]) => ({ conv: LOBBY, messages })
const stored = async () =>
  (await database.read((tx) => tx.messages(LOBBY, { after: 0, before: 1e6, limit: 1e6, from: 'start' }))).map(({ body }) => body)
const heardBodies = (caller: Caller) =>
  caller.heard('log:events').flatMap(({ events }) => events.flatMap((event) => ('message' in event ? [event.message.body] : [])))

describe('a server killed', () => {
  /** Ann sends, the server dies on the way, and another one stands where it stood. */
  async function diesOnTheWay(isCommitted: boolean) {
    const first = await start()
    const [ann, bob] = [await joins(first, 'Ann'), await joins(first, 'Bob')]
    const message = draft('on its way')
    fate.nextChange(async (go) => {
      if (isCommitted) await go()
      void first.kill()
      return never()
    })
    await expect(ann.ask('message:send', send(message))).rejects.toThrow(/disconnected/)
    await Promise.all([ann.gone, bob.gone, first.kill()])
    expect(bob.heard('log:events')).toEqual([])
    return { ann, bob, message, second: await start() }
  }

  it('between storing a message and answering has it once, and says so when it is sent again', async () => {
    const { ann, bob, message, second } = await diesOnTheWay(true)
    expect(await stored()).toEqual(['on its way'])
    const [annAgain, bobAgain] = [await comes(second, ann.guest, { tabId: ann.tabId, gen: 2 }), await comes(second, bob.guest)]
    const { results } = await annAgain.get('message:send', send(message, draft('the next')))
    expect(results).toMatchObject([
      { ok: true, seq: 1, rev: 1, dup: true },
      { ok: true, seq: 2, rev: 2 },
    ])
    await bobAgain.hears('log:events', ({ events }) => events.some((event) => event.rev === 2))
    expect(heardBodies(bobAgain)).toEqual(['on its way', 'the next'])
    expect(await stored()).toEqual(['on its way', 'the next'])
  })

  it('before it stored a message has nothing of it, and stores it once when it is sent again', async () => {
    const { ann, message, second } = await diesOnTheWay(false)
    expect(await stored()).toEqual([])
    const again = await comes(second, ann.guest, { tabId: ann.tabId, gen: 2 })
    const { results } = await again.get('message:send', send(message))
    expect(results).toMatchObject([{ ok: true, seq: 1, rev: 1 }])
    expect(results[0]).not.toHaveProperty('dup')
    expect(await stored()).toEqual(['on its way'])
  })

  it('between storing a message and telling anybody: those who come back learn of it, though its sender never does', async () => {
    const { bob, second } = await diesOnTheWay(true)
    const again = await comes(second, bob.guest, { tabId: bob.tabId, gen: 2, hello: false })
    const nothingYet: Position = [0, '0000000000000000', 0]
    const { heads } = await again.get('hello', { epoch: database.epoch, urev: 0, convs: { [LOBBY]: nothingYet } })
    expect(heads[LOBBY]).toMatchObject({ rev: 1, seq: 1 })
    const caughtUp = await again.get('sync:pull', { conv: LOBBY, from: 0 })
    expect('reset' in caughtUp && caughtUp.reset.messages.map(({ body }) => body)).toEqual(['on its way'])
  })
})

describe('a database that another program keeps busy', () => {
  it('has people told to come back, lets them read meanwhile, and stores the same message afterwards', async () => {
    const node = await start()
    const ann = await joins(node, 'Ann')
    await ann.get('message:send', send(draft('before')))
    const other = openDatabase(join(dir, 'tidemark.db'))
    other.exec('BEGIN IMMEDIATE')
    const message = draft('meanwhile')
    const reply = await ann.ask('message:send', send(message))
    expect(reply).toEqual({ ok: false, code: 'E_BUSY', retryAfterMs: expect.any(Number) as number })
    const answer = await ann.get('sync:pull', { conv: LOBBY, from: 0 })
    expect('reset' in answer && answer.reset.messages.map(({ body }) => body)).toEqual(['before'])
    other.exec('ROLLBACK')
    other.close()
    expect((await ann.get('message:send', send(message))).results).toMatchObject([{ ok: true, seq: 2 }])
    expect(heardBodies(ann)).toEqual(['before', 'meanwhile'])
  })
})

describe('a mistake of ours', () => {
  const mistake = () => Promise.reject(new TypeError('undefined is not a function'))

  it('in a handler is answered with an id under which the log has all of it but the text, and harms nobody', async () => {
    const logged: Record<string, unknown>[] = []
    const node = await start({ env: { LOG_LEVEL: 'warn' }, onLog: (line) => logged.push(line) })
    const [ann, bob] = [await joins(node, 'Ann'), await joins(node, 'Bob')]
    const message = draft('something private')
    fate.nextChange(mistake)
    const failed = await ann.ask('message:send', send(message))
    expect(failed).toEqual({ ok: false, code: 'E_INTERNAL', detail: expect.any(String) as string })
    fate.nextLook(mistake)
    const failedLook = await bob.ask('sync:pull', { conv: LOBBY, from: 0 })
    expect(failedLook).toMatchObject({ ok: false, code: 'E_INTERNAL' })
    expect(logged).toMatchObject([
      { event: 'handler_failed', asked: 'message:send', user: ann.guest.user.id, correlation: 'detail' in failed && failed.detail },
      { event: 'handler_failed', asked: 'sync:pull', user: bob.guest.user.id, correlation: 'detail' in failedLook && failedLook.detail },
    ])
    for (const line of logged) expect(line['stack']).toContain('TypeError: undefined is not a function\n    at ')
    expect(JSON.stringify(logged)).not.toContain('private')
    // the same lines, the same process
    expect((await ann.get('message:send', send(message))).results).toMatchObject([{ ok: true, seq: 1 }])
    await bob.hears('log:events')
    for (const caller of [ann, bob]) expect(caller.socket.connected).toBe(true)
  })

  it('while somebody comes in sends them away with a code, to come back and be let in', async () => {
    const node = await start()
    const guest = await node.guest('Ann')
    fate.nextLook(mistake)
    const refused = await dial(node, guest).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(DialRefused)
    expect((refused as DialRefused).data).toEqual({ code: 'E_INTERNAL' })
    const ann = await comes(node, guest, { hello: false })
    fate.nextChange(mistake)
    expect(await ann.ask('hello', { epoch: null, urev: 0, convs: {} })).toMatchObject({ ok: false, code: 'E_INTERNAL' })
    expect(await ann.ask('hello', { epoch: null, urev: 0, convs: {} })).toMatchObject({ ok: true })
  })
})

describe('a disk that is full', () => {
  it('acknowledges nothing it did not store, lets people read, and takes what was refused once there is room', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'tidemark-full-'))
    const full = await startServer({ dataDir, env: { DATABASE_MAX_PAGES: '120', LIMIT_MESSAGES: '100000/100000' } })
    const [ann, bob] = [await comes(full, await full.guest('Ann')), await comes(full, await full.guest('Bob'))]
    const acked: ClientId[] = []
    let refused: MessageDraft[] | undefined
    while (!refused) {
      const messages = Array.from({ length: 5 }, () => draft('x'.repeat(4_000)))
      const reply = await ann.ask('message:send', send(...messages))
      if (reply.ok) acked.push(...messages.map(({ clientId }) => clientId))
      else {
        expect(reply).toEqual({ ok: false, code: 'E_STORAGE', retryAfterMs: expect.any(Number) as number })
        refused = messages
      }
    }
    expect(acked.length).toBeGreaterThan(10)
    for (let times = 0; times < 3; times++) expect(await ann.ask('message:send', send(...refused))).toMatchObject({ ok: false, code: 'E_STORAGE' })

    const seen = async (caller: Caller) => {
      const clientIds: ClientId[] = []
      for (;;) {
        const { messages } = await caller.get('history:page', { conv: LOBBY, at: { afterSeq: clientIds.length }, limit: 200 })
        if (messages.length === 0) return clientIds
        clientIds.push(...messages.map(({ clientId }) => clientId))
      }
    }
    expect(await seen(bob)).toEqual(acked)
    expect(await bob.get('sync:heads', { urev: 0, convs: {} })).toMatchObject({ heads: { [LOBBY]: { seq: acked.length } } })
    expect(bob.heard('log:events').flatMap(({ events }) => events)).toHaveLength(acked.length)
    await full.stop()

    const roomy = await startServer({ dataDir, env: { LIMIT_MESSAGES: '100000/100000' } })
    const again = await comes(roomy, ann.guest, { tabId: ann.tabId, gen: 2 })
    expect(await seen(again)).toEqual(acked)
    const { results } = await again.get('message:send', send(...refused))
    expect(results.map((result) => result.ok && [result.seq, result.dup])).toEqual(refused.map((_, i) => [acked.length + i + 1, undefined]))
    await roomy.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
})
