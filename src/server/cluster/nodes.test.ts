import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LOBBY } from '#protocol/ids.ts'
import { isKnown } from '#protocol/log.ts'
import type { Notice } from '#server/domain/core.ts'
import { newId } from '#server/edge/chance.ts'
import { openSqliteStore } from '#server/storage/openSqliteStore.ts'
import type { Store } from '#server/storage/store.ts'
import { dial, draft, until, type Caller } from '#server/testing/dial.ts'
import { fatefulStore, never, startNode, type NodeOptions, type ServerNode } from '#server/testing/startNode.ts'
import type { Bus } from './bus.ts'

let database: Store
/** Brings a notice to every other node, or does not. */
let carry: (notice: Notice, deliver: (notice: Notice) => void) => void
const nodes: ServerNode[] = []
const callers: Caller[] = []
const ears = new Set<(notice: Notice) => void>()

beforeEach(async () => {
  database = await openSqliteStore({ dir: ':memory:', newId })
  carry = (notice, deliver) => deliver(notice)
  ears.clear()
})
afterEach(async () => {
  for (const caller of callers.splice(0)) caller.hangUp()
  for (const node of nodes.splice(0)) await node.stop()
  await database.close()
})

function busFor(): Bus {
  let mine: (notice: Notice) => void
  return {
    publish: (notice) => carry(notice, (one) => [...ears].forEach((ear) => ear !== mine && ear(JSON.parse(JSON.stringify(one)) as Notice))),
    subscribe: (ear) => {
      ears.add((mine = ear))
      return () => void ears.delete(ear)
    },
  }
}
async function start(options: Partial<NodeOptions> = {}): Promise<ServerNode> {
  const node = await startNode({ store: database, bus: busFor(), timing: { HEAD_POLL_MS: 100 }, ...options })
  nodes.push(node)
  return node
}
async function comes(node: ServerNode, ...how: [Caller['guest'], Parameters<typeof dial>[2]?]): Promise<Caller> {
  const caller = await dial(node, ...how)
  callers.push(caller)
  return caller
}
const joins = async (node: ServerNode, name: string) => comes(node, await node.guest(name))
const say = (caller: Caller, body: string) => caller.get('message:send', { conv: LOBBY, messages: [draft(body)] })
const revsHeard = (caller: Caller) => caller.heard('log:events').flatMap(({ events }) => events.map(({ rev }) => rev))
/** Everything after a rev, as somebody reads it who was not there. */
async function readOn(caller: Caller, from: number) {
  const events = []
  for (let at = from; ;) {
    const page = await caller.get('sync:pull', { conv: LOBBY, from: at, limit: 20 })
    if ('reset' in page) throw new Error('a reset')
    events.push(...page.events)
    at = page.to
    if (at === page.head) return events
  }
}
const bodiesOf = (events: Awaited<ReturnType<typeof readOn>>) =>
  events.flatMap((event) => (isKnown(event) && event.kind === 'new' ? [event.message.body] : []))
const upTo = (n: number, from = 1) => Array.from({ length: n - from + 1 }, (_, i) => from + i)

describe('two nodes', () => {
  it('whose notices overtake each other: everything is heard, and the log that is read is in one order, the same on both', async () => {
    const held: (() => void)[] = []
    carry = (notice, deliver) => {
      held.push(() => deliver(notice))
      if (held.length === 4) for (const release of held.splice(0).toReversed()) release()
    }
    const [here, there] = [await start(), await start()]
    const [ann, bob] = [await joins(here, 'Ann'), await joins(there, 'Bob')]
    await say(ann, 'the first')
    await say(ann, 'the second')
    for (let n = 0; n < 31; n++) await Promise.all([say(ann, `a${n}`), say(bob, `b${n}`)])

    await until(() => [ann, bob].every((caller) => revsHeard(caller).length === 64))
    for (const caller of [ann, bob]) {
      const heard = revsHeard(caller)
      expect(heard.filter((rev, i) => i > 0 && rev < heard[i - 1]!).length).toBeGreaterThan(0)
      expect(heard.toSorted((a, b) => a - b)).toEqual(upTo(64))
    }
    const [annReads, bobReads] = [await readOn(ann, 1), await readOn(bob, 1)]
    expect(annReads.map(({ rev }) => rev)).toEqual(upTo(64, 2))
    expect(annReads).toEqual(bobReads)
    const bodies = bodiesOf(annReads)
    for (const name of ['a', 'b']) expect(bodies.filter((body) => body.startsWith(name))).toEqual(upTo(30, 0).map((n) => `${name}${n}`))
  })

  it('of which one dies between storing a message and telling of it: people at the other are sent to look, and its sender never comes back', async () => {
    const fate = fatefulStore(database)
    const [dying, other] = [await start({ store: fate.store }), await start()]
    const [ann, bob] = [await joins(dying, 'Ann'), await joins(other, 'Bob')]
    await say(ann, 'before')
    await bob.hears('log:events')
    fate.nextChange(async (go) => {
      await go()
      void dying.kill()
      return never()
    })
    await expect(say(ann, 'last words')).rejects.toThrow(/disconnected/)
    const { rev } = await bob.hears('log:head', (head) => head.conv === LOBBY)
    expect(rev).toBe(2)
    expect(await readOn(bob, 1)).toMatchObject([{ rev: 2, message: { body: 'last words' } }])
  })

  it('between which the only notice gets lost: people are sent to look, with the hash of what they will find', async () => {
    const [here, there] = [await start(), await start()]
    const [ann, bob] = [await joins(here, 'Ann'), await joins(there, 'Bob')]
    await say(ann, 'before')
    await bob.hears('log:events')
    carry = () => {}
    await say(ann, 'lost')
    const head = await bob.hears('log:head')
    const [found] = await readOn(bob, 1)
    expect(found).toMatchObject({ rev: head.rev, h: head.h, message: { body: 'lost' } })
    expect(revsHeard(bob)).toEqual([1])
    expect(ann.heard('log:head')).toEqual([])
  })

  it('stopped one after the other while people write: whoever is sent away finds everything at the other, and nothing is lost, doubled or refused', async () => {
    const [first, second] = [await start({ env: { DRAIN_MS: '5000' } }), await start()]
    const [ann, bob] = [await joins(first, 'Ann'), await joins(second, 'Bob')]
    await say(bob, '0')
    let isOver = false
    let written = 1
    const storm = (async () => {
      while (!isOver) await say(bob, `${written++}`)
    })()

    const stopping = first.stop()
    expect(await ann.hears('server:farewell')).toMatchObject({ code: 'DRAIN' })
    // still at work, and heard on the other node
    await say(ann, 'last words')
    await bob.hears('log:events', ({ events }) => bodiesOf(events).includes('last words'))
    await say(bob, 'to those who are leaving')
    await ann.hears('log:events', ({ events }) => bodiesOf(events).includes('to those who are leaving'))
    const again = await comes(second, ann.guest, { tabId: ann.tabId, gen: 2 })
    ann.hangUp()
    await stopping
    await say(again, 'back again')
    isOver = true
    await storm

    const log = await readOn(again, 1)
    const bodies = bodiesOf(log)
    expect(bodies.filter((body) => /^\d+$/.test(body))).toEqual(upTo(written - 1).map(String))
    expect(bodies.filter((body) => !/^\d+$/.test(body))).toEqual(['last words', 'to those who are leaving', 'back again'])
    await until(() => revsHeard(again).at(-1) === log.at(-1)!.rev)
    expect(revsHeard(again)).toEqual(upTo(log.at(-1)!.rev, revsHeard(again)[0]))
  })
})

describe('long-polling', () => {
  const poll = (node: ServerNode, sid: string) => fetch(`${node.url}/socket.io/?EIO=4&transport=polling&sid=${sid}`)

  it('at a node that does not know the session is told so at once, and a new session there carries on', async () => {
    const [here, there] = [await start(), await start()]
    const ann = await comes(here, await here.guest('Ann'), { transports: ['polling'] })
    const message = draft('by polling')
    await ann.get('message:send', { conv: LOBBY, messages: [message] })

    const lost = await poll(there, ann.socket.io.engine.id)
    expect(lost.status).toBe(400)
    expect(await lost.json()).toEqual({ code: 1, message: 'Session ID unknown' })
    const again = await comes(there, ann.guest, { tabId: ann.tabId, gen: 2, transports: ['polling'] })
    expect((await again.get('message:send', { conv: LOBBY, messages: [message] })).results).toMatchObject([{ ok: true, seq: 1, dup: true }])
  })

  it('to a server that was killed and started again learns that its session is gone, and comes back by a new one', async () => {
    const first = await start()
    const ann = await comes(first, await first.guest('Ann'), { transports: ['polling'] })
    const sid = ann.socket.io.engine.id
    await first.kill()
    expect(await ann.gone).toBe('transport error')
    const second = await start()
    expect((await poll(second, sid)).status).toBe(400)
    const again = await comes(second, ann.guest, { tabId: ann.tabId, gen: 2, transports: ['polling'] })
    expect((await say(again, 'back')).results).toMatchObject([{ ok: true }])
    await again.hears('log:events')
  })
})
