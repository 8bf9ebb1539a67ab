import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConversationFacts } from '#protocol/conversation.ts'
import { LOBBY, type ConversationId, type UserId } from '#protocol/ids.ts'
import { dial, draft, join, until, type Caller } from '#server/testing/dial.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'

let server: TestServer
beforeAll(
  async () => void (server = await startServer({ env: { LIMIT_MESSAGES: '100/60', LOG_LEVEL: 'error' }, timing: { PRESENCE_GRACE_MS: 300 } })),
)
afterAll(() => server.stop())

const bodiesHeard = (caller: Caller, conv: ConversationId = LOBBY): string[] =>
  caller
    .heard('log:events')
    .flatMap((push) => (push.conv === conv ? push.events.flatMap((event) => ('message' in event ? [event.message.body] : [])) : []))
const hearsBody = (caller: Caller, body: string) =>
  caller.hears('log:events', ({ events }) => events.some((event) => 'message' in event && event.message.body === body))

async function http<T>(caller: Caller, method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${caller.guest.accessToken}` },
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}
const aGroup = async (owner: Caller, ...others: Caller[]): Promise<ConversationFacts> =>
  (
    await http<{ conversation: ConversationFacts }>(owner, 'POST', '/api/conversations', {
      name: 'Boat',
      members: others.map((other) => other.guest.user.id),
    })
  ).conversation

describe('messages', () => {
  it('reach everybody in the lobby, the sender included, once and with the same number', async () => {
    const [ann, bob] = [await join(server, 'Ann'), await join(server, 'Bob')]
    const { results } = await ann.get('message:send', { conv: LOBBY, messages: [draft('ahoy'), draft('there')] })
    await hearsBody(bob, 'there')
    await hearsBody(ann, 'there')
    expect(bodiesHeard(bob)).toEqual(['ahoy', 'there'])
    expect(bodiesHeard(ann)).toEqual(['ahoy', 'there'])
    const seqs = bob.heard('log:events').flatMap(({ events }) => events.flatMap((event) => ('message' in event ? [event.message.seq] : [])))
    expect(results.map((result) => result.ok && result.seq)).toEqual(seqs)
    await bob.get('message:send', { conv: LOBBY, messages: [draft('aye')] })
    await hearsBody(ann, 'aye')
    for (const caller of [ann, bob]) caller.hangUp()
  })

  it('sent again under the same client id are stored once and answered as before', async () => {
    const ann = await join(server, 'Ann')
    const message = draft('only once')
    const [first] = (await ann.get('message:send', { conv: LOBBY, messages: [message] })).results
    const [again] = (await ann.get('message:send', { conv: LOBBY, messages: [message] })).results
    expect(again).toEqual({ ...first, dup: true })
    ann.hangUp()
  })

  it('come from whoever holds the token, whatever they claim', async () => {
    const [ann, bob] = [await join(server, 'Ann'), await join(server, 'Bob')]
    await ann.get('message:send', { conv: LOBBY, messages: [{ ...draft('forged'), sender: bob.guest.user.id, senderName: 'Bob' } as never] })
    const { events } = await hearsBody(bob, 'forged')
    expect(events[0]).toMatchObject({ actor: ann.guest.user.id, message: { sender: ann.guest.user.id, senderName: 'Ann' } })
    for (const caller of [ann, bob]) caller.hangUp()
  })

  it('keep every character', async () => {
    const ann = await join(server, 'Ann')
    const body = '<img src=x onerror=alert(1)> if (x<y) "<b>"& \u202Eabc\u200B 👩‍👩‍👧‍👦\n\ttab  '
    await ann.get('message:send', { conv: LOBBY, messages: [draft(body)] })
    await hearsBody(ann, body)
    ann.hangUp()
  })

  it('above the rate are refused as a whole batch, keep their order when sent again, and nobody loses any', async () => {
    const ann = await join(server, 'Ann')
    const group = await aGroup(ann)
    const batches = Array.from({ length: 5 }, (_, b) => Array.from({ length: 20 }, (_, n) => draft(`m${b * 20 + n}`)))
    // all at once: no machine is so slow that it would let them through one after the other
    const replies = await Promise.all(batches.map((messages) => ann.ask('message:send', { conv: group.id, messages })))
    expect(replies.map((reply) => (reply.ok ? 'taken' : reply.code))).toEqual(['taken', 'taken', 'taken', 'E_RATE', 'E_RATE'])
    for (const messages of batches.slice(3)) {
      for (;;) {
        const reply = await ann.ask('message:send', { conv: group.id, messages })
        if (reply.ok) break
        expect(reply).toMatchObject({ code: 'E_RATE', retryAfterMs: expect.any(Number) as number })
        await new Promise((resolve) => setTimeout(resolve, reply.retryAfterMs ?? 0))
      }
    }
    await hearsBody(ann, 'm99')
    expect(bodiesHeard(ann, group.id)).toEqual(batches.flat().map((message) => message.body))
    ann.hangUp()
  })
})

describe('membership', () => {
  it('decides who hears: nobody outside a group does, whatever they ask for', async () => {
    const [ann, bob, eve] = [await join(server, 'Ann'), await join(server, 'Bob'), await join(server, 'Eve')]
    const group = await aGroup(ann, bob)
    await bob.hears('user:event', (event) => event.kind === 'conv.added' && event.conv === group.id)
    const conv = group.id
    expect(await eve.ask('conversation:open', { conv })).toMatchObject({ ok: false, code: 'E_NOT_MEMBER' })
    expect(await eve.ask('typing:set', { conv, on: true })).toMatchObject({ ok: false, code: 'E_NOT_MEMBER' })
    for (const refused of [
      await eve.ask('sync:pull', { conv, from: 0 }),
      await eve.ask('history:page', { conv, at: { beforeSeq: 99 }, limit: 5 }),
      await eve.ask('message:send', { conv, messages: [draft('let me in')] }),
      await eve.ask('receipt:mark', { conv, read: 1 }),
    ])
      expect(refused).toMatchObject({ ok: false, code: 'E_NOT_MEMBER' })
    await ann.get('message:send', { conv, messages: [draft('among us')] })
    await hearsBody(bob, 'among us')
    await eve.get('probe', { t: 1 })
    expect(bodiesHeard(eve, conv)).toEqual([])
    for (const caller of [ann, bob, eve]) caller.hangUp()
  })

  it('ends with the leave: whoever was removed hears nothing after it, even with the conversation still open', async () => {
    const [ann, bob] = [await join(server, 'Ann'), await join(server, 'Bob')]
    const { id: conv } = await aGroup(ann, bob)
    for (const caller of [ann, bob]) await caller.get('conversation:open', { conv })
    await http(ann, 'DELETE', `/api/conversations/${conv}/members/${bob.guest.user.id}`)
    expect(await bob.hears('user:event', (event) => event.kind === 'conv.removed')).toMatchObject({ conv, name: 'Boat', by: ann.guest.user.id })
    const before = bob.heard('log:events').length
    await ann.get('message:send', { conv, messages: [draft('he is gone')] })
    await ann.get('typing:set', { conv, on: true })
    await ann.get('receipt:mark', { conv, read: 1 })
    await hearsBody(ann, 'he is gone')
    expect(await bob.ask('message:send', { conv, messages: [draft('am I?')] })).toMatchObject({ ok: false, code: 'E_NOT_MEMBER' })
    expect(bob.heard('log:events')).toHaveLength(before)
    expect(bob.heard('typing:changed')).toEqual([])
    expect(bob.heard('receipt:changed').filter((push) => push.conv === conv && push.read > 0)).toEqual([])
    for (const caller of [ann, bob]) caller.hangUp()
  })
})

describe('presence', () => {
  it('follows connections, survives a blip, and goes at once with a sign-out', async () => {
    const bob = await join(server, 'Bob')
    let ann = await join(server, 'Ann')
    const user = ann.guest.user.id
    expect((await bob.get('presence:watch', { users: [user] })).states).toEqual([{ user, state: 'online', lastSeen: expect.any(Number) as number }])
    await ann.get('presence:set', { state: 'idle' })
    await bob.hears('presence:changed', ({ states }) => states.some((state) => state.state === 'away'))
    ann.hangUp()
    await ann.gone
    ann = await dial(server, ann.guest, { tabId: ann.tabId })
    await bob.hears('presence:changed', ({ states }) => states.some((state) => state.state === 'online'))
    expect(bob.heard('presence:changed').flatMap(({ states }) => states.map((state) => state.state))).not.toContain('offline')
    await fetch(`${server.url}/api/session/logout`, { method: 'POST', headers: { cookie: ann.guest.cookie } })
    expect(await ann.hears('server:farewell')).toEqual({ code: 'SIGNED_OUT' })
    await bob.hears('presence:changed', ({ states }) => states.some((state) => state.state === 'offline'))
    bob.hangUp()
  })

  it('remembers when somebody was last seen', async () => {
    const [ann, bob] = [await join(server, 'Ann'), await join(server, 'Bob')]
    const user = ann.guest.user.id
    ann.hangUp()
    await until(async () => (await bob.get('presence:watch', { users: [user] })).states[0]?.state === 'offline')
    const [seen] = (await bob.get('presence:watch', { users: [user] })).states
    expect(Math.abs((seen?.lastSeen ?? 0) - Date.now())).toBeLessThan(5_000)
    expect((await bob.get('presence:watch', { users: ['nobody' as UserId] })).states).toEqual([])
    bob.hangUp()
  })
})

describe('typing', () => {
  it('goes to those who have the conversation open, and not to oneself', async () => {
    const [ann, bob, far] = [await join(server, 'Ann'), await join(server, 'Bob'), await join(server, 'Far')]
    const annAgain = await dial(server, ann.guest)
    for (const caller of [ann, annAgain, bob]) await caller.get('conversation:open', { conv: LOBBY })
    await ann.get('typing:set', { conv: LOBBY, on: true })
    expect(await bob.hears('typing:changed')).toEqual({ conv: LOBBY, user: ann.guest.user.id, name: 'Ann', forMs: 6_000 })
    await ann.get('typing:set', { conv: LOBBY, on: false })
    await bob.hears('typing:changed', ({ forMs }) => forMs === 0)
    await bob.get('conversation:close', { conv: LOBBY })
    await ann.get('typing:set', { conv: LOBBY, on: true })
    for (const caller of [bob, far, annAgain]) await caller.get('probe', { t: 1 })
    expect(bob.heard('typing:changed')).toHaveLength(2)
    expect([...far.heard('typing:changed'), ...annAgain.heard('typing:changed'), ...ann.heard('typing:changed')]).toEqual([])
    for (const caller of [ann, annAgain, bob, far]) caller.hangUp()
  })
})
