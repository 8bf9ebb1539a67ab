import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { LOBBY, type DeviceId } from '#protocol/ids.ts'
import { makeAccessTokens } from '#server/edge/accessToken.ts'
import { openSqliteStore } from '#server/storage/openSqliteStore.ts'
import { meFrom } from '#server/domain/people.ts'
import { createGuest } from '#server/domain/sessions.ts'
import { dial, draft, join } from '#server/testing/dial.ts'
import type { Guest } from '#server/testing/signInGuest.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'

const SECRET = 'a secret of at least thirty-two characters'
let server: TestServer
beforeAll(async () => void (server = await startServer({ env: { SECRET, GUEST_PERMISSIONS: 'group:create' } })))
afterAll(() => server.stop())

const asked = async (guest: Guest, method: string, path: string, body?: object) => {
  const answer = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${guest.accessToken}` },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

describe('what a person may not do', () => {
  it('is refused with the same code by socket and over HTTP, and what they may do is done', async () => {
    const caller = await join(server)
    expect(caller.guest.user.permissions).toEqual(['group:create'])
    const messages = [draft('not for me to say')]
    expect(await caller.ask('message:send', { conv: LOBBY, messages })).toMatchObject({ ok: false, code: 'E_FORBIDDEN' })
    expect(await asked(caller.guest, 'POST', '/api/messages', { conv: LOBBY, messages })).toMatchObject({
      status: 403,
      body: { code: 'E_FORBIDDEN' },
    })
    const made = await asked(caller.guest, 'POST', '/api/conversations', { name: 'Boat', members: [] })
    expect(made.status).toBeLessThan(300)
    const { id } = made.body['conversation'] as { id: string }
    expect(await asked(caller.guest, 'POST', `/api/conversations/${id}/invites`)).toMatchObject({ status: 403, body: { code: 'E_FORBIDDEN' } })
    caller.hangUp()
  })
})

describe('somebody of another tenant', () => {
  /** There is one tenant by default; the other one is made behind the server's back. */
  async function foreigner(): Promise<Guest> {
    const store = await openSqliteStore({ dir: server.dataDir, newId: randomUUID })
    const device = randomUUID() as DeviceId
    const sha256 = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex')
    const core = { store, publish: () => undefined, now: Date.now, newId: randomUUID, sha256 }
    const { user, session } = await createGuest(core, { tenant: 'other', device, tokenHash: sha256(randomUUID()), name: 'Stranger' })
    await store.close()
    const tokens = makeAccessTokens({ secret: SECRET, ttlMs: 60_000, now: Date.now })
    const { token, expiresInMs } = await tokens.issue({ user: user.id, session: session.id, device, tenant: 'other' })
    return { accessToken: token, expiresInMs, sessionId: session.id, deviceId: device, cookie: '', user: meFrom(user) }
  }

  it('finds no conversation, no person and no presence of ours, by any request', async () => {
    const [ann, bob] = [await join(server), await join(server)]
    const made = await asked(ann.guest, 'POST', '/api/conversations', { name: 'Ours', members: [] })
    const conv = (made.body['conversation'] as { id: typeof LOBBY }).id
    const stranger = await dial(server, await foreigner())
    for (const reply of [
      await stranger.ask('sync:pull', { conv, from: 0 }),
      await stranger.ask('history:page', { conv, at: { beforeSeq: 1 }, limit: 10 }),
      await stranger.ask('receipt:mark', { conv, delivered: 1, read: 1 }),
    ])
      expect(reply).toMatchObject({ ok: false, code: 'E_NOT_FOUND' })
    const requests: [method: string, path: string, body?: object][] = [
      ['GET', `/api/sync?conv=${conv}&from=0`],
      ['POST', '/api/conversations/direct', { user: bob.guest.user.id }],
      ['POST', `/api/conversations/${conv}/members`, { users: [bob.guest.user.id] }],
      ['PATCH', `/api/conversations/${conv}`, { name: 'Theirs' }],
    ]
    for (const request of requests) {
      const [method, path] = request
      expect((await asked(stranger.guest, ...request)).status, `${method} ${path} by a stranger`).toBeGreaterThanOrEqual(400)
      expect((await asked(ann.guest, ...request)).status, `${method} ${path} by its owner`).toBeLessThan(300)
    }
    const watched = await stranger.get('presence:watch', { users: [ann.guest.user.id] })
    expect(JSON.stringify(watched)).not.toContain('online')
    expect(JSON.stringify(await bob.get('presence:watch', { users: [ann.guest.user.id] }))).toContain('online')
    for (const caller of [ann, bob, stranger]) caller.hangUp()
  })
})
