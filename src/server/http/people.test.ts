import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConversationFacts } from '#protocol/conversation.ts'
import { dial, draft, until } from '#server/testing/dial.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'
import { guestOf, visitor, type Visitor } from '#server/testing/visitor.ts'

const OPERATOR_TOKEN = 'operators-only-token'
let server: TestServer
beforeAll(async () => void (server = await startServer({ env: { OPERATOR_TOKEN } })))
afterAll(() => server.stop())

const guest = (name: string) => guestOf(server.url, name)
const idOf = (one: Visitor) => one.me!.id
const direct = async (one: Visitor, other: Visitor): Promise<ConversationFacts> =>
  (await one.ask('POST', '/api/conversations/direct', { user: idOf(other) })).body['conversation'] as ConversationFacts
const operator = async (method: string, path: string) => {
  const answer = await fetch(server.url + path, { method, headers: { authorization: `Bearer ${OPERATOR_TOKEN}` } })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

describe('people', () => {
  it('are found by name, written to, and agree by saying so', async () => {
    const [ann, bob] = [await guest('Ann Findable'), await guest('Bob Findable')]
    expect((await ann.ask('GET', '/api/people?q=bob+find')).body).toEqual({ people: [{ id: idOf(bob), name: 'Bob Findable', isGuest: true }] })
    const { id, consent } = await direct(ann, bob)
    expect(consent).toBe('asking')
    const tab = await dial(server, ann)
    expect((await bob.ask('POST', `/api/conversations/${id}/accept`)).body).toMatchObject({ conversation: { id, memberCount: 2 } })
    expect(await tab.hears('user:event', (event) => event.kind === 'conv.changed')).toMatchObject({ conv: id })
    tab.hangUp()
    expect((await ann.ask('GET', '/api/people?q=')).body).toMatchObject({ code: 'E_INVALID' })
  })

  it('say who may write to them', async () => {
    const [ann, bob] = [await guest('Ann'), await guest('Bob')]
    expect((await bob.ask('POST', '/api/me/contact', { contact: 'nobody' })).body).toEqual({ contact: 'nobody' })
    expect((await bob.ask('GET', '/api/me/contact')).body).toEqual({ contact: 'nobody' })
    expect(await ann.ask('POST', '/api/conversations/direct', { user: idOf(bob) })).toMatchObject({ status: 403, body: { code: 'E_FORBIDDEN' } })
    expect((await bob.ask('POST', '/api/me/contact', { contact: 'everyone' })).status).toBe(400)
    expect((await bob.ask('GET', '/api/me/receipts')).body).toEqual({ receipts: 'shown' })
    expect((await bob.ask('POST', '/api/me/receipts', { receipts: 'hidden' })).body).toEqual({ receipts: 'hidden' })
    expect((await bob.ask('GET', '/api/me/receipts')).body).toEqual({ receipts: 'hidden' })
    expect((await bob.ask('POST', '/api/me/receipts', { receipts: false })).status).toBe(400)
  })

  it('who block each other see nothing of each other any more, on open connections as well', async () => {
    const [ann, bob] = [await guest('Ann'), await guest('Bob')]
    const { id: conv } = await direct(ann, bob)
    const [ofAnn, ofBob] = [await dial(server, ann), await dial(server, bob)]
    for (const tab of [ofAnn, ofBob]) await tab.get('conversation:open', { conv })
    await ofAnn.get('presence:watch', { users: [idOf(bob)] })
    await ofAnn.get('typing:set', { conv, on: true })
    await ofBob.hears('typing:changed', ({ user }) => user === idOf(ann))

    expect((await bob.ask('POST', '/api/blocks', { user: idOf(ann) })).status).toBe(200)
    expect((await bob.ask('GET', '/api/blocks')).body).toMatchObject({ people: [{ id: idOf(ann) }] })
    expect(await ofAnn.ask('typing:set', { conv, on: true })).toMatchObject({ ok: false, code: 'E_NOT_MEMBER' })
    expect(await ofAnn.ask('message:send', { conv, messages: [draft('hello?')] })).toMatchObject({ ok: false, code: 'E_FORBIDDEN' })
    await until(async () => (await ofAnn.get('presence:watch', { users: [idOf(bob)] })).states.length === 0)
    // looking again brings nothing back
    await ofAnn.get('conversation:open', { conv })
    expect(await ofAnn.ask('typing:set', { conv, on: true })).toMatchObject({ ok: false })

    expect((await bob.ask('DELETE', `/api/blocks/${idOf(ann)}`)).status).toBe(200)
    expect(await ofAnn.ask('message:send', { conv, messages: [draft('hello again')] })).toMatchObject({ ok: true })
    for (const tab of [ofAnn, ofBob]) tab.hangUp()
  })
})

describe('operators', () => {
  it('read what was reported', async () => {
    const [ann, eve] = [await guest('Ann'), await guest('Eve')]
    expect((await ann.ask('POST', '/api/reports', { user: idOf(eve), reason: 'sells things' })).status).toBe(200)
    expect((await operator('GET', '/api/operator/reports')).body).toMatchObject({
      reports: [{ by: idOf(ann), user: idOf(eve), reason: 'sells things' }],
    })
    expect((await ann.ask('GET', '/api/operator/reports')).status).toBe(401)
  })

  it('give out a link that lets somebody choose a new password, once', async () => {
    const zoe = visitor(server.url)
    await zoe.askHere('/api/session/register', { login: 'forgetful', password: 'correct horse battery' })
    const made = await fetch(`${server.url}/api/operator/reset-links`, {
      method: 'POST',
      headers: { authorization: `Bearer ${OPERATOR_TOKEN}` },
      body: JSON.stringify({ login: 'forgetful' }),
    })
    const { path } = (await made.json()) as { path: string }
    expect(path).toMatch(/^\/reset#[\w-]{32}$/)
    const body = { code: path.slice('/reset#'.length), password: 'a new and longer one', signOutOthers: true }
    const again = visitor(server.url)
    expect(await again.askHere('/api/session/reset', { ...body, password: 'short' })).toMatchObject({ status: 400 })
    expect((await again.askHere('/api/session/reset', body)).status).toBe(200)
    expect(again.me?.id).toBe(idOf(zoe))
    expect((await zoe.ask('GET', '/api/me')).status).toBe(401)
    expect((await visitor(server.url).askHere('/api/session/reset', body)).status).toBe(404)
    expect((await visitor(server.url).askHere('/api/session/login', { login: 'forgetful', password: body.password })).status).toBe(200)
  })

  it('ban somebody, who is cut at once and gets in no more until they may', async () => {
    const eve = await guest('Eve')
    const tab = await dial(server, eve)
    expect((await operator('POST', `/api/operator/bans/${idOf(eve)}`)).status).toBe(200)
    expect(await tab.hears('server:farewell')).toMatchObject({ code: 'BANNED' })
    await tab.gone
    await expect(dial(server, eve)).rejects.toMatchObject({ data: { code: 'E_BANNED' } })
    expect(await eve.ask('GET', '/api/me')).toMatchObject({ status: 403, body: { code: 'E_BANNED' } })
    expect((await eve.ask('POST', `/api/operator/bans/${idOf(eve)}`)).status).toBe(401)
    expect((await operator('DELETE', `/api/operator/bans/${idOf(eve)}`)).status).toBe(200)
    const again = await dial(server, eve)
    again.hangUp()
    expect((await operator('POST', '/api/operator/bans/nobody')).status).toBe(404)
  })
})
