import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ConversationFacts } from '#protocol/conversation.ts'
import { PICTURE_MAX_BYTES, PICTURE_MAX_PIXELS } from '#protocol/limits.ts'
import type { Me } from '#protocol/session.ts'
import { dial } from '#server/testing/dial.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'
import { guestOf, type Visitor } from '#server/testing/visitor.ts'
import { jpegBytes, jpegOf } from '#testing/jpeg.ts'

const OPERATOR_TOKEN = 'operators-only-token'
let server: TestServer
beforeAll(async () => void (server = await startServer({ env: { OPERATOR_TOKEN } })))
afterAll(() => server.stop())

const guest = (name: string) => guestOf(server.url, name)
const choose = (one: Visitor, jpeg: string) => one.ask('POST', '/api/me/picture', { jpeg })
async function chosen(one: Visitor, jpeg = jpegOf(256)): Promise<string> {
  const { picture } = (await choose(one, jpeg)).body['user'] as Me
  return picture!
}
const look = (picture: string) => fetch(`${server.url}/api/pictures/${picture}`)
/** What this person is shown of that one. */
async function seenBy(one: Visitor, other: Visitor): Promise<Record<string, unknown>> {
  const { members } = (await one.ask('POST', '/api/conversations', { name: 'Trees', members: [other.me!.id] })).body[
    'conversation'
  ] as ConversationFacts
  return members.find(({ id }) => id === other.me!.id)!
}

describe('a picture', () => {
  it('is shown to everybody in one’s conversations and to who finds one, at once on one’s other devices', async () => {
    const [ann, bob] = [await guest('Ann Pictured'), await guest('Bob')]
    const tab = await dial(server, ann)
    expect(await seenBy(bob, ann)).not.toHaveProperty('picture')
    const picture = await chosen(ann)
    expect(await tab.hears('user:event', (event) => event.kind === 'profile')).toMatchObject({ name: 'Ann Pictured', picture })
    expect((await ann.ask('GET', '/api/me')).body).toMatchObject({ user: { picture } })
    expect(await seenBy(bob, ann)).toMatchObject({ picture })
    expect((await bob.ask('GET', '/api/people?q=pictured')).body).toMatchObject({ people: [{ picture }] })
    tab.hangUp()
  })

  it('is fetched by its name alone, and never changes under it', async () => {
    const picture = await chosen(await guest('Ann'), jpegOf(300))
    const answer = await look(picture)
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'cache-control': 'private, max-age=86400, immutable',
      'x-content-type-options': 'nosniff',
    })
    expect(Buffer.from(await answer.arrayBuffer()).toString('base64')).toBe(jpegOf(300))
  })

  it('gives way to the next one, and goes when it is taken away', async () => {
    const [ann, bob] = [await guest('Ann'), await guest('Bob')]
    const first = await chosen(ann)
    const second = await chosen(ann)
    expect(second).not.toBe(first)
    expect((await look(first)).status).toBe(404)
    expect((await look(second)).status).toBe(200)
    const tab = await dial(server, ann)
    for (let n = 0; n < 2; n++) expect((await ann.ask('DELETE', '/api/me/picture')).body['user']).not.toHaveProperty('picture')
    expect(await tab.hears('user:event', (event) => event.kind === 'profile')).toMatchObject({ picture: null })
    expect((await look(second)).status).toBe(404)
    expect(await seenBy(bob, ann)).not.toHaveProperty('picture')
    tab.hangUp()
  })

  it('stays through a new name', async () => {
    const ann = await guest('Ann')
    const picture = await chosen(ann)
    expect((await ann.ask('PATCH', '/api/me', { name: 'Anna' })).body).toMatchObject({ user: { name: 'Anna', picture } })
  })

  it('is in the export, and gone with the account', async () => {
    const ann = await guest('Ann')
    const picture = await chosen(ann)
    expect((await ann.ask('GET', '/api/me/export')).body).toMatchObject({ person: { picture: `data:image/jpeg;base64,${jpegOf(256)}` } })
    expect((await ann.ask('POST', '/api/me/delete', {})).status).toBe(200)
    expect((await look(picture)).status).toBe(404)
  })

  it('is not shown between two who have not agreed to know each other', async () => {
    const [ann, bob] = [await guest('Ann'), await guest('Bob')]
    const pictures = [await chosen(ann), await chosen(bob)]
    const shown = async (one: Visitor, other: Visitor) => {
      const answer = await one.ask('POST', '/api/conversations/direct', { user: other.me!.id })
      const { id, members } = answer.body['conversation'] as ConversationFacts
      return { id, pictures: [ann, bob].map(({ me }) => members.find((member) => member.id === me!.id)!.picture) }
    }
    const { id } = await shown(ann, bob)
    expect((await shown(ann, bob)).pictures).toEqual([pictures[0], undefined])
    expect((await shown(bob, ann)).pictures).toEqual([undefined, pictures[1]])
    await bob.ask('POST', `/api/conversations/${id}/accept`)
    for (const [one, other] of [
      [ann, bob],
      [bob, ann],
    ] as const)
      expect((await shown(one, other)).pictures).toEqual(pictures)
  })

  it('of a group is shown to its members at once, chosen and removed by its owner and by nobody else', async () => {
    const [ann, bob, eve] = [await guest('Ann'), await guest('Bob'), await guest('Eve')]
    const tab = await dial(server, bob)
    const made = await ann.ask('POST', '/api/conversations', { name: 'Trees', members: [bob.me!.id] })
    const { id } = made.body['conversation'] as ConversationFacts
    const path = `/api/conversations/${id}/picture`
    const shown = async (one: Visitor) => ((await one.ask('GET', `/api/conversations/${id}`)).body['conversation'] as ConversationFacts).picture
    expect(await shown(ann)).toBeUndefined()
    expect((await eve.ask('POST', path, { jpeg: jpegOf(256) })).status).toBe(403)
    expect((await bob.ask('POST', path, { jpeg: jpegOf(256) })).status).toBe(403)
    expect((await ann.ask('POST', path, { jpeg: 'bm90IGEgSlBFRw==' })).status).toBe(400)
    expect(await shown(ann)).toBeUndefined()

    const { picture } = (await ann.ask('POST', path, { jpeg: jpegOf(256) })).body['conversation'] as ConversationFacts
    expect(await tab.hears('user:event', (event) => event.kind === 'conv.changed')).toMatchObject({ conv: id })
    expect([await shown(ann), await shown(bob)]).toEqual([picture, picture])
    expect(Buffer.from(await (await look(picture!)).arrayBuffer()).toString('base64')).toBe(jpegOf(256))
    const { picture: next } = (await ann.ask('POST', path, { jpeg: jpegOf(300) })).body['conversation'] as ConversationFacts
    expect([next === picture, (await look(picture!)).status, (await look(next!)).status]).toEqual([false, 404, 200])

    for (const one of [bob, eve]) expect((await one.ask('DELETE', path)).status).toBe(403)
    for (let n = 0; n < 2; n++) expect((await ann.ask('DELETE', path)).body['conversation']).not.toHaveProperty('picture')
    expect([await shown(bob), (await look(next!)).status]).toEqual([undefined, 404])
    // the lobby and direct conversations have none of their own
    expect((await ann.ask('POST', '/api/conversations/lobby/picture', { jpeg: jpegOf(256) })).status).toBe(403)
    tab.hangUp()

    // it goes with the last of them
    const last = ((await ann.ask('POST', path, { jpeg: jpegOf(256) })).body['conversation'] as ConversationFacts).picture!
    for (const one of [ann, bob]) expect((await one.ask('POST', `/api/conversations/${id}/leave`)).status).toBe(200)
    expect((await look(last)).status).toBe(404)
  })

  it('is gone when somebody is banned, and stays away when they are let in again', async () => {
    const [ann, bob] = [await guest('Ann'), await guest('Bob')]
    const picture = await chosen(ann)
    const operate = (method: string) =>
      fetch(`${server.url}/api/operator/bans/${ann.me!.id}`, { method, headers: { authorization: `Bearer ${OPERATOR_TOKEN}` } })
    expect((await operate('POST')).status).toBe(200)
    expect((await look(picture)).status).toBe(404)
    expect(await seenBy(bob, ann)).not.toHaveProperty('picture')
    expect((await operate('DELETE')).status).toBe(200)
    expect((await ann.ask('GET', '/api/me')).body['user']).not.toHaveProperty('picture')
  })

  it('is not written into the log by who joins and leaves', async () => {
    const [ann, bob] = [await guest('Ann'), await guest('Bob')]
    await chosen(bob)
    const tab = await dial(server, ann)
    const { id } = (await ann.ask('POST', '/api/conversations', { name: 'Trees', members: [bob.me!.id] })).body['conversation'] as ConversationFacts
    await bob.ask('POST', `/api/conversations/${id}/leave`)
    for (const kind of ['join', 'leave']) {
      const { events } = await tab.hears('log:events', (push) => push.events.some((event) => event.kind === kind))
      const people = events.flatMap((event) => ('person' in event ? [event.person] : []))
      expect(people.find(({ name }) => name === 'Bob')).toEqual({ id: bob.me!.id, name: 'Bob', isGuest: true })
    }
    tab.hangUp()
  })

  it.each([
    ['nothing', ''],
    ['no base64', 'a picture, honestly'],
    ['another kind of picture', 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='],
    ['half of one', jpegOf(256).slice(0, 24)],
    ['a page', Buffer.from('<script>alert(1)</script>').toString('base64')],
    ['one byte more than allowed', Buffer.concat([jpegBytes(256), Buffer.alloc(PICTURE_MAX_BYTES + 1 - jpegBytes(256).length)]).toString('base64')],
  ])('that is %s is refused', async (_, jpeg) => {
    expect(await choose(await guest('Ann'), jpeg)).toMatchObject({ status: 400, body: { code: 'E_INVALID' } })
  })

  it.each([
    [PICTURE_MAX_PIXELS + 1, 1],
    [1, PICTURE_MAX_PIXELS + 1],
    [65_535, 65_535],
    [0, 0],
  ])('of %i × %i pixels is refused: it would fill the memory of who sees it', async (width, height) => {
    const ann = await guest('Ann')
    expect(await choose(ann, jpegOf(width, height))).toMatchObject({ status: 400, body: { code: 'E_INVALID' } })
    expect((await choose(ann, jpegOf(PICTURE_MAX_PIXELS))).status).toBe(200)
  })

  it('can’t be chosen without end: who tries is told when to come back', async () => {
    const ann = await guest('Ann')
    const answers = await Promise.all(Array.from({ length: 21 }, () => choose(ann, jpegOf(1))))
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([...Array<number>(20).fill(200), 429])
    expect(answers.find(({ status }) => status === 429)!.body).toMatchObject({ code: 'E_RATE', retryAfterMs: expect.any(Number) as number })
  })

  it.each(['nobody', '00000000-0000-4000-8000-000000000000'])('named %s is nobody’s', async (name) => {
    expect((await look(name)).status).toBe(name === 'nobody' ? 400 : 404)
  })
})
