import { beforeEach, describe, expect, it } from 'vitest'
import { DisplayName } from '#protocol/http.ts'
import type { DeviceId, SessionId, TabId } from '#protocol/ids.ts'
import { headsFor } from './catchUp.ts'
import { openDirect } from './directs.ts'
import { guestName } from './guestName.ts'
import { meOf, renameMe } from './people.ts'
import {
  REFRESH_GRACE_MS,
  SESSION_LIFE_MS,
  createGuest,
  openConnection,
  refreshSession,
  revokeSession,
  verifySession,
  type SignedIn,
} from './sessions.ts'
import { openTestCore, type TestCore } from '#server/testing/testCore.ts'
import { code } from '#server/testing/code.ts'

const device = '00000000-0000-4000-8000-000000000001' as DeviceId
let core: TestCore
let guest: SignedIn

beforeEach(async () => {
  core = await openTestCore()
  guest = await createGuest(core, { device, tokenHash: 't1' })
})

const refresh = (tokenHash: string, newTokenHash: string) => refreshSession(core, { tokenHash, madeFor: guest.session.id, newTokenHash, device })

describe('a guest', () => {
  it('gets a name, a session, and a place in the lobby', async () => {
    expect(guest.user.name).toMatch(/^[A-Z][a-z]+[A-Z][a-z]+[1-9]\d\d$/)
    expect(guest.user).toMatchObject({ login: null, tenant: 'default', lastLoginAt: core.now() })
    expect((await createGuest(core, { name: 'Zoë', device, tokenHash: 'x' })).user.name).toBe('Zoë')
    expect(await core.store.read((tx) => tx.conversationsOf(guest.user.id))).toMatchObject([{ conversation: { id: 'lobby' } }])
  })

  it('is rarely called like another', () => {
    const names = new Set(Array.from({ length: 2000 }, (_, i) => guestName(core.sha256(`${i}`))))
    expect(names.size).toBeGreaterThan(1990)
    for (const name of names) expect(DisplayName.safeParse(name).success).toBe(true)
  })

  it('may take another name, which their other devices learn', async () => {
    const ann = await core.person('Ann')
    expect(await renameMe(core, ann, { name: 'Anna' })).toMatchObject({ id: ann.user, name: 'Anna', isGuest: true })
    await renameMe(core, ann, { name: 'Anna' })
    expect(await meOf(core, ann)).toMatchObject({ name: 'Anna' })
    expect(core.notices).toEqual([{ kind: 'user', user: ann.user, event: { kind: 'profile', name: 'Anna', urev: 1 } }])
  })
})

it('a new name reaches those who know the old one with their next heads', async () => {
  const ann = await core.person('Ann')
  const bob = await core.person('Bob')
  const { id } = await openDirect(core, ann, { user: bob.user })
  const { rev, h, marksRev } = (await core.store.read((tx) => tx.conversation(id)))!
  await renameMe(core, ann, { name: 'Anna' })
  const { heads } = await headsFor(core, bob, { convs: { [id]: [rev, h, marksRev] } })
  expect(heads[id]?.facts.members.map((member) => member.name).toSorted()).toEqual(['Anna', 'Bob'])
})

describe('a session', () => {
  it('is renewed by its token, and lives on', async () => {
    core.advance(SESSION_LIFE_MS - 1)
    const renewed = await refresh('t1', 't2')
    expect(renewed).toMatchObject({ user: { id: guest.user.id }, session: { id: guest.session.id, expiresAt: core.now() + SESSION_LIFE_MS } })
    core.advance(SESSION_LIFE_MS - 1)
    expect(await code(refresh('t2', 't3'))).toBe('ok')
    core.advance(SESSION_LIFE_MS)
    expect(await code(refresh('t3', 't4'))).toBe('E_AUTH_INVALID')
    expect(await code(verifySession(core, guest.session.id))).toBe('E_AUTH_INVALID')
  })

  it('survives two tabs that refresh at once, whichever answer the browser keeps', async () => {
    await Promise.all([refresh('t1', 'a'), refresh('t1', 'b')])
    core.advance(10 * 60_000)
    for (const kept of ['a', 'b']) {
      expect(await code(refresh(kept, `${kept}2`))).toBe('ok')
      core.advance(1)
    }
    expect(await code(verifySession(core, guest.session.id))).toBe('ok')
  })

  it('survives an answer that was lost, however long the browser was away', async () => {
    await refresh('t1', 'lost')
    core.advance(3 * 24 * 60 * 60_000)
    expect(await code(refresh('t1', 't2'))).toBe('ok')
    expect(await code(refresh('t2', 't3'))).toBe('ok')
  })

  it('ends for everybody when a token comes back after its successor was used', async () => {
    await refresh('t1', 't2')
    await refresh('t2', 't3')
    core.advance(REFRESH_GRACE_MS)
    expect(await code(refresh('t1', 'in the grace'))).toBe('ok')
    core.advance(REFRESH_GRACE_MS + 1)
    expect(await code(refresh('t1', 'thief'))).toBe('E_AUTH_INVALID')
    expect(await code(refresh('t3', 't4'))).toBe('E_DEVICE_REVOKED')
    expect(await code(verifySession(core, guest.session.id))).toBe('E_DEVICE_REVOKED')
  })

  it('ends for a thief who was faster, and for the owner, as soon as both have shown a token', async () => {
    await refresh('t1', 'owner 2')
    await refresh('t1', 'thief 2')
    await refresh('thief 2', 'thief 3')
    core.advance(REFRESH_GRACE_MS + 1)
    expect(await code(refresh('owner 2', 'owner 3'))).toBe('E_AUTH_INVALID')
    expect(await code(refresh('thief 3', 'thief 4'))).toBe('E_DEVICE_REVOKED')
  })

  it('does not know its own token from another device, or for another session', async () => {
    const renewal = { tokenHash: 't1', madeFor: guest.session.id, newTokenHash: 'x', device }
    expect(await code(refreshSession(core, { ...renewal, device: core.newId() as DeviceId }))).toBe('E_AUTH_INVALID')
    expect(await code(refreshSession(core, { ...renewal, madeFor: core.newId() as SessionId }))).toBe('E_AUTH_INVALID')
    expect(await code(refresh('t1', 't2'))).toBe('ok')
  })

  it('ends for everybody when a token is shown that was made for it and that nobody here has kept', async () => {
    expect(await code(refresh('of ours, and unknown', 'x'))).toBe('E_AUTH_INVALID')
    expect(await code(refresh('t1', 't2'))).toBe('E_DEVICE_REVOKED')
  })

  it('that was signed out stays so', async () => {
    await revokeSession(core, guest.session.id)
    expect(await code(verifySession(core, guest.session.id))).toBe('E_DEVICE_REVOKED')
    expect(await code(refresh('t1', 't2'))).toBe('E_DEVICE_REVOKED')
  })
})

it('connections are counted per tab, so that two tabs never look like one that came back', async () => {
  const ann = await core.person('Ann')
  const other = { ...ann, tab: '00000000-0000-4000-8000-00000000000f' as TabId }
  expect(await openConnection(core, ann)).toMatchObject({ me: { name: 'Ann' }, isReconnection: false, reconnectCount: 0 })
  expect(await openConnection(core, ann)).toMatchObject({ isReconnection: true, reconnectCount: 1 })
  expect(await openConnection(core, other)).toMatchObject({ isReconnection: false, reconnectCount: 0 })
  expect(await openConnection(core, ann)).toMatchObject({ isReconnection: true, reconnectCount: 2 })
  await revokeSession(core, ann.session)
  expect(await code(openConnection(core, ann))).toBe('E_DEVICE_REVOKED')
})
