import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ConversationFacts } from '#protocol/conversation.ts'
import { SearchAnswer } from '#protocol/search.ts'
import { draft } from '#server/testing/dial.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'
import { guestOf } from '#server/testing/visitor.ts'

let server: TestServer
beforeAll(async () => void (server = await startServer()))
afterAll(() => server.stop())

it('messages are searched over HTTP, for people who say what they look for and not too often', async () => {
  const ann = await guestOf(server.url, 'Ann')
  const made = await ann.ask('POST', '/api/conversations', { name: 'Crew', members: [] })
  const { id: conv } = made.body['conversation'] as ConversationFacts
  await ann.ask('POST', '/api/messages', { conv, messages: [draft('The harbour & the sea'), draft('nothing else')] })
  const found = SearchAnswer.parse(
    (await ann.ask('GET', `/api/search?q=${encodeURIComponent('harbour "the sea"')}&in=${conv}&before=99999999999999`)).body,
  )
  expect(found).toMatchObject({ messages: [{ conv, body: 'The harbour & the sea', senderName: 'Ann' }], until: null })

  for (const query of ['', '?q=', '?q=%20', '?q=sea&before=soon', '?q=sea&until=x', `?q=${'x'.repeat(300)}`])
    expect(await ann.ask('GET', `/api/search${query}`), query).toMatchObject({ status: 400, body: { code: 'E_INVALID' } })
  expect((await fetch(`${server.url}/api/search?q=sea`)).status).toBe(401)

  let last = await ann.ask('GET', '/api/search?q=sea')
  for (let n = 0; n < 60 && last.status === 200; n++) last = await ann.ask('GET', '/api/search?q=sea')
  expect(last).toMatchObject({ status: 429, body: { code: 'E_RATE' } })
  expect((await (await guestOf(server.url, 'Bob')).ask('GET', '/api/search?q=sea')).body).toEqual({ messages: [], until: null })
})
