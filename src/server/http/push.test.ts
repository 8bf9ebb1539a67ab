import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LOBBY } from '#protocol/ids.ts'
import { PushedNews } from '#protocol/push.ts'
import { dial, draft } from '#server/testing/dial.ts'
import { startPushService, type PushService } from '#server/testing/pushService.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'
import { guestOf, type Visitor } from '#server/testing/visitor.ts'

let service: PushService
let server: TestServer
let ann: Visitor
let bob: Visitor

beforeEach(async () => {
  service = await startPushService()
  server = await startServer({ env: { PUSH_HOSTS: '127.0.0.1' }, timing: { PUSH_AFTER_MS: 100 } })
  ann = await guestOf(server.url, 'Ann')
  bob = await guestOf(server.url, 'Bob')
})
afterEach(async () => {
  await server.stop()
  await service.stop()
})

const subscribes = async (person: Visitor) => {
  const subscription = service.subscribe()
  expect(await person.ask('POST', '/api/push', subscription)).toMatchObject({ status: 200 })
  return subscription
}
const writes = async (person: Visitor, body: string) =>
  expect(await person.ask('POST', '/api/messages', { conv: LOBBY, messages: [draft(body)] })).toMatchObject({ status: 200 })
const eventually = (check: () => void) => vi.waitFor(check, { timeout: 20_000 })
const news = () => service.pushed.map(({ text }) => PushedNews.parse(JSON.parse(text)))
const bodies = () => news().map(({ newest }) => newest.body)
/** Whatever was owed until now has been pushed: what comes after it is. */
const isSettled = async () => {
  const [mark, before] = [`mark ${service.pushed.length}`, await guestOf(server.url, 'Marker')]
  await subscribes(before)
  await writes(bob, mark)
  await eventually(() => expect(news().some(({ user, newest }) => user === before.me!.id && newest.body === mark)).toBe(true))
}

describe('a browser without an open page', () => {
  it('is told of what others write, once, encrypted for it alone and signed', async () => {
    const { endpoint } = await subscribes(ann)
    await subscribes(bob)
    await writes(bob, 'the *boat* is in')
    await writes(bob, 'and so are we')
    await eventually(() => expect(service.pushed).toHaveLength(1))
    expect(service.pushed[0]).toMatchObject({ endpoint, headers: { 'content-encoding': 'aes128gcm', urgency: 'high' } })
    expect(news()[0]).toMatchObject({
      user: ann.me!.id,
      conv: LOBBY,
      kind: 'lobby',
      count: 2,
      newest: { senderName: 'Bob', body: 'and so are we', seq: 2 },
    })
    await isSettled()
    expect(news().filter(({ user, newest }) => user === ann.me!.id && newest.seq < 3)).toHaveLength(1)
    expect(news().some(({ user }) => user === bob.me!.id)).toBe(false)
  })

  it('is told later where its service is busy, and never again where it is gone', async () => {
    await subscribes(ann)
    service.answer(503)
    await writes(bob, 'in a rush')
    await eventually(() => expect(service.asked).toBeGreaterThan(0))
    service.answer(null)
    await eventually(() => expect(bodies()).toEqual(['in a rush']))
    service.answer(410)
    const { asked } = service
    await writes(bob, 'too late')
    await eventually(() => expect(service.asked).toBe(asked + 1))
    service.answer(null)
    await isSettled()
    expect(news().filter(({ user }) => user === ann.me!.id)).toHaveLength(1)
  })

  it('is told nothing once its person signed out or wants none', async () => {
    const carl = await guestOf(server.url, 'Carl')
    for (const one of [ann, carl]) await subscribes(one)
    await ann.ask('POST', '/api/session/logout', {})
    await carl.ask('DELETE', '/api/push')
    await writes(bob, 'anybody?')
    await isSettled()
    expect(news().filter(({ user }) => user === ann.me!.id || user === carl.me!.id)).toEqual([])
  })

  it('is told of what it missed with the next message, when the server stopped before it could', async () => {
    await subscribes(ann)
    await writes(bob, 'just before')
    await server.restart()
    const line = await dial(server, bob)
    await line.get('message:send', { conv: LOBBY, messages: [draft('just after')] })
    line.hangUp()
    await eventually(() => expect(bodies()).toContain('just after'))
    expect(news().at(-1)).toMatchObject({ count: 2 })
  })

  it('keeps its place when it comes back with another session', async () => {
    const subscription = await subscribes(ann)
    expect(await bob.ask('POST', '/api/push', subscription)).toMatchObject({ status: 200 })
    await writes(ann, 'whose is it now?')
    await eventually(() => expect(news().map(({ user }) => user)).toEqual([bob.me!.id]))
  })
})

describe('an address', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data',
    'http://fcm.googleapis.com/fcm/send/1',
    'https://fcm.googleapis.com.evil.example/1',
    'https://evil.example/?fcm.googleapis.com',
    'https://me@fcm.googleapis.com/1',
    'https://fcm.googleapis.com:8443/1',
    'https://push.services.mozilla.com.evil.example/',
    'file:///etc/passwd',
    'nothing',
  ])('of no push service is refused: %s', async (endpoint) => {
    await server.stop()
    server = await startServer()
    const guest = await guestOf(server.url, 'Mallory')
    expect(await guest.ask('POST', '/api/push', { ...service.subscribe(), endpoint })).toMatchObject({ status: 400, body: { code: 'E_INVALID' } })
  })
})
