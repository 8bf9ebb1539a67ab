import { beforeEach, describe, expect, it } from 'vitest'
import { LOBBY, type ConversationId } from '#protocol/ids.ts'
import { openTestCore, type TestCore } from '#server/testing/testCore.ts'
import { accountWith, keepAccount } from './accounts.ts'
import { block } from './blocks.ts'
import { historyPage, userEventsAfter } from './catchUp.ts'
import { addMembers, conversationFor, createGroup } from './conversations.ts'
import type { Identity } from './core.ts'
import { accept, openDirect } from './directs.ts'
import { exportData } from './exportData.ts'
import { deleteAccount, endIdleGuests } from './farewells.ts'
import { findPeople, renameMe, setPicture } from './people.ts'
import { postMessages } from './postMessages.ts'
import { createGuest, refreshSession, verifySession } from './sessions.ts'
import { code } from '#server/testing/code.ts'

const DAY_MS = 24 * 60 * 60 * 1000
let core: TestCore
let ann: Identity
let bob: Identity
let group: ConversationId
let direct: ConversationId
beforeEach(async () => {
  core = await openTestCore()
  ;[ann, bob] = [await core.person('Ann Findable'), await core.person('Bob')]
  group = (await createGroup(core, ann, { name: 'Boat', members: [bob.user] })).id
  direct = (await openDirect(core, ann, { user: bob.user })).id
  await accept(core, bob, { conv: direct })
  for (const conv of [group, direct, LOBBY])
    await write(ann, conv, `from Ann in ${conv === LOBBY ? 'the lobby' : conv === group ? 'the group' : 'private'}`)
})

const write = (who: Identity, conv: ConversationId, body = 'hello') => postMessages(core, who, { conv, messages: [core.draft(body)] })
const everything = async (who: Identity) => {
  const pages = await Promise.all([group, direct, LOBBY].map((conv) => historyPage(core, who, { conv, at: { beforeSeq: 99 }, limit: 99 })))
  const facts = await Promise.all([group, direct].map((conv) => conversationFor(core, who, conv)))
  return JSON.stringify([pages, facts, await userEventsAfter(core, who, { from: 0 })])
}
const exported = async (who: Identity) => {
  let text = ''
  for await (const piece of exportData(core, who)) text += piece
  return JSON.parse(text) as {
    person: object
    devices: object[]
    blocked: object[]
    conversations: { name: string; kind: string; messages: { body: string }[] }[]
  }
}

describe('a deleted account', () => {
  it('gets nothing new from who had begun to change it before', async () => {
    await deleteAccount(core, ann)
    const late = [
      renameMe(core, ann, { name: 'Ann Findable' }),
      setPicture(core, ann, 'jpeg'),
      keepAccount(core, ann, { login: 'ann-login', passwordHash: 'hash' }),
    ]
    expect(await Promise.all(late.map(code))).toEqual(Array(3).fill('E_NOT_FOUND'))
    expect(await core.store.read((tx) => tx.user(ann.user))).toMatchObject({ name: 'Deleted account', login: null, picture: null })
  })

  it('leaves the messages and nothing personal, wherever one looks', async () => {
    await keepAccount(core, ann, { login: 'ann-login', passwordHash: 'hash' })
    await block(core, await core.person('Eve'), { user: ann.user })
    await deleteAccount(core, ann)
    const all = await everything(bob)
    expect(all).toContain('from Ann in private')
    expect(all).toContain('Deleted account')
    expect(all).not.toContain('Ann Findable')
    expect(await findPeople(core, bob, { text: 'ann' })).toEqual([])
    expect(await findPeople(core, bob, { text: 'deleted' })).toEqual([])
    expect(await accountWith(core, 'ann-login', ann.device)).toBeUndefined()
    expect(await code(verifySession(core, ann.session))).toBe('E_AUTH_INVALID')
    expect(await core.store.read(async (tx) => [await tx.sessionsOf(ann.user), await tx.userEvents(ann.user, 0, 9)])).toEqual([[], []])
    expect(await core.store.read((tx) => tx.user(ann.user))).toMatchObject({ name: 'Deleted account', login: null, lastSeenAt: null })
  })

  it('is in no group any more, which somebody else owns now, and the others are told without the name', async () => {
    core.notices.length = 0
    const sessions = await deleteAccount(core, ann)
    expect(sessions.map(({ id }) => id)).toEqual([ann.session])
    expect(await conversationFor(core, bob, group)).toMatchObject({ memberCount: 1, role: 'owner' })
    expect(await core.store.read((tx) => tx.membership(LOBBY, ann.user))).toBeUndefined()
    expect(core.notices.map(({ kind }) => kind)).toContain('log')
    expect(JSON.stringify(core.notices)).not.toContain('Ann Findable')
  })

  it('can not be written to, and does not look like a guest', async () => {
    await deleteAccount(core, ann)
    expect(await code(write(bob, direct))).toBe('E_FORBIDDEN')
    expect(await code(openDirect(core, await core.person('Eve'), { user: ann.user }))).toBe('E_NOT_FOUND')
    expect((await conversationFor(core, bob, direct)).members).toContainEqual(expect.objectContaining({ name: 'Deleted account', isGuest: false }))
  })
})

describe('an export', () => {
  it('holds the person and every message they may see, in every conversation, however long', async () => {
    for (let n = 0; n < 450; n++) await write(bob, group, `message ${n}`)
    const eve = await core.person('Eve')
    await block(core, ann, { user: eve.user })
    const { person, devices, blocked, conversations } = await exported(ann)
    expect(person).toMatchObject({ id: ann.user, name: 'Ann Findable', login: null, contact: 'anyone' })
    expect([devices.length, blocked]).toEqual([1, [{ id: eve.user, name: 'Eve', isGuest: true }]])
    expect(conversations.map(({ kind }) => kind).toSorted()).toEqual(['direct', 'group', 'lobby'])
    const boat = conversations.find(({ name }) => name === 'Boat')!
    expect(boat.messages.map(({ body }) => body)).toEqual(['from Ann in the group', ...Array.from({ length: 450 }, (_, n) => `message ${n}`)])
  })

  it('holds nothing that was said before somebody came', async () => {
    const late = await core.person('Late')
    const { id } = await createGroup(core, ann, { name: 'Raft', members: [] })
    await write(ann, id, 'before')
    await addMembers(core, ann, { conv: id, users: [late.user] })
    await write(ann, id, 'after')
    const raft = (await exported(late)).conversations.find(({ name }) => name === 'Raft')!
    expect(raft.messages.map(({ body }) => body)).toEqual(['after'])
  })
})

describe('guests', () => {
  it('who have not been here for long end, and nobody else does', async () => {
    await keepAccount(core, bob, { login: 'bob', passwordHash: 'h' })
    core.advance(29 * DAY_MS)
    const cem = await core.person('Cem')
    core.advance(DAY_MS + 1)
    const ended = await endIdleGuests(core, { idleMs: 30 * DAY_MS })
    expect(ended.map(({ user }) => user)).toEqual([])
    const names = await core.store.read(async (tx) => [await tx.user(ann.user), await tx.user(bob.user), await tx.user(cem.user)])
    expect(names.map((user) => user?.name)).toEqual(['Deleted account', 'Bob', 'Cem'])
  })

  it('who came back in time are told that they end, once', async () => {
    const token = core.sha256('first')
    const { user, session } = await createGuest(core, { name: 'Dan', device: ann.device, tokenHash: token })
    const told = async () => (await core.store.read((tx) => tx.userEvents(user.id, 0, 9))).filter(({ kind }) => kind === 'notification')
    const come = (from: string, to: string) =>
      refreshSession(core, { tokenHash: from, madeFor: session.id, newTokenHash: to, device: session.deviceId, warnAfterMs: 27 * DAY_MS })
    core.advance(26 * DAY_MS)
    await come(token, 'second')
    expect(await told()).toEqual([])
    core.advance(28 * DAY_MS)
    await come('second', 'third')
    await come('third', 'fourth')
    expect(await told()).toMatchObject([{ type: 'guest-ends' }])
    expect(await endIdleGuests(core, { idleMs: 30 * DAY_MS })).toEqual([])
  })
})
