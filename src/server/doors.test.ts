import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RequestName } from '#protocol/events.ts'
import { REQUESTS } from '#protocol/requests.ts'
import { LOBBY } from '#protocol/ids.ts'
import { makeAccessTokens } from '#server/edge/accessToken.ts'
import { dial, DialRefused } from '#server/testing/dial.ts'
import type { Guest } from '#server/testing/signInGuest.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'
import { routesInDocs } from '#testing/routesInDocs.ts'

/*
 * Both doors, and everybody who has no business behind them: whoever is not signed in is refused at every route, and on a socket before anything
 * can be asked. What those may do who are signed in is settled by `rules.test.ts`.
 */

const SECRET = 'a secret of at least thirty-two characters'
const OPERATOR_TOKEN = 'operators-only-token'
let server: TestServer
beforeAll(async () => void (server = await startServer({ env: { SECRET, OPERATOR_TOKEN } })))
afterAll(() => server.stop())

type Asker = { token: string; device: string }
const OUTSIDERS = ['nobody', 'a forger', 'somebody whose token ran out', 'somebody signed out', 'somebody banned', 'somebody deleted'] as const
type Outsider = (typeof OUTSIDERS)[number]
const CODES: Record<Outsider, string> = {
  nobody: 'E_AUTH_INVALID',
  'a forger': 'E_AUTH_INVALID',
  'somebody whose token ran out': 'E_AUTH_EXPIRED',
  'somebody signed out': 'E_DEVICE_REVOKED',
  'somebody banned': 'E_BANNED',
  'somebody deleted': 'E_AUTH_INVALID',
}

const post = (path: string, headers: Record<string, string>, body = {}) =>
  fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) })
const issued = async (guest: Guest, parts: { secret?: string; now?: () => number }) =>
  (
    await makeAccessTokens({ secret: SECRET, ttlMs: 1_000, now: Date.now, ...parts }).issue({
      user: guest.user.id,
      session: guest.sessionId,
      device: guest.deviceId as never,
      tenant: 'default',
    })
  ).token

async function outsider(kind: Outsider): Promise<Asker> {
  const guest = await server.guest()
  const bearer = { authorization: `Bearer ${guest.accessToken}` }
  const operator = { authorization: `Bearer ${OPERATOR_TOKEN}` }
  const is = (token: string): Asker => ({ token, device: guest.deviceId })
  switch (kind) {
    case 'nobody':
      return is('')
    case 'a forger':
      return is(await issued(guest, { secret: 'y'.repeat(40) }))
    case 'somebody whose token ran out':
      return is(await issued(guest, { now: () => Date.now() - 5_000 }))
    case 'somebody signed out':
      expect((await post('/api/session/logout', bearer)).status).toBe(200)
      return is(guest.accessToken)
    case 'somebody banned':
      expect((await post(`/api/operator/bans/${guest.user.id}`, operator)).status).toBe(200)
      return is(guest.accessToken)
    case 'somebody deleted':
      expect((await post('/api/me/delete', bearer)).status).toBe(200)
      return is(guest.accessToken)
  }
}

/** Signing in is for those who are not; a picture is for those who know its name, a file for those who have a link to it. */
const isForAnybody = (path: string): boolean => /^\/api\/(session\/|pictures\/|files\/:id\/:name$)/.test(path)
const routes = () => routesInDocs().filter(({ path }) => path.startsWith('/api/') && !isForAnybody(path))

describe.each(OUTSIDERS)('%s', (kind) => {
  it('is refused at every route, whatever they ask for there', async () => {
    const { token } = await outsider(kind)
    const all = routes()
    expect(all.length).toBeGreaterThan(35)
    const heard: string[] = []
    for (const { method, path } of all) {
      const answer = await fetch(server.url + path.replaceAll(/:\w+/g, 'lobby'), {
        method,
        headers: token === '' ? {} : { authorization: `Bearer ${token}` },
        ...(method !== 'GET' && { body: '{}' }),
      })
      const { code } = (await answer.json()) as { code: string }
      // operators are known by their own token alone, so that nobody's tells anything there
      const expected = path.startsWith('/api/operator/') ? 'E_AUTH_INVALID' : CODES[kind]
      if (code !== expected) heard.push(`${method} ${path}: ${code}`)
    }
    expect(heard).toEqual([])
  })

  it('is refused on a socket before anything can be asked', async () => {
    const { token, device } = await outsider(kind)
    const refused: unknown = await dial(server, { accessToken: token, deviceId: device }).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(DialRefused)
    expect((refused as DialRefused).data?.code).toBe(CODES[kind])
  })
})

describe('on a connection that is open', () => {
  const NAMES = Object.keys(REQUESTS) as RequestName[]

  it('nothing is answered any more once its session has ended, by any request', async () => {
    for (const name of NAMES) {
      const guest = await server.guest()
      const caller = await dial(server, guest)
      await post('/api/session/logout', { authorization: `Bearer ${guest.accessToken}` })
      await caller.hears('server:farewell', ({ code }) => code === 'SIGNED_OUT')
      const answer = await Promise.race([
        caller.gone,
        caller.socket.timeout(2_000).emitWithAck(name, { conv: LOBBY }) as Promise<{ ok: boolean }>,
      ]).catch(() => 'no answer')
      expect(typeof answer === 'string' || !answer.ok, `${name}: ${JSON.stringify(answer)}`).toBe(true)
    }
  })

  it('nobody can take another’s name: what a request says of its sender counts for nothing', async () => {
    const [ann, eve] = [await server.guest('Ann'), await server.guest('Eve')]
    const caller = await dial(server, eve)
    const forged = { clientId: randomUUID(), body: 'as Ann', sentAt: Date.now(), sender: ann.user.id, senderName: 'Ann', user: ann.user.id }
    const other = await dial(server, ann)
    const reply = (await caller.socket.timeout(5_000).emitWithAck('message:send', { conv: LOBBY, user: ann.user.id, messages: [forged] })) as {
      ok: boolean
    }
    if (reply.ok) {
      const push = await other.hears('log:events')
      expect(push.events).toMatchObject([{ message: { sender: eve.user.id, senderName: 'Eve' } }])
    } else expect(reply).toMatchObject({ code: 'E_INVALID' })
    caller.hangUp()
    other.hangUp()
  })
})
