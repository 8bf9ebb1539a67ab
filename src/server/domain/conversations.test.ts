import { beforeEach, describe, expect, it } from 'vitest'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import { headsFor, pull } from './catchUp.ts'
import { addMembers, conversationFor, conversationsOf, createGroup, mute, rename } from './conversations.ts'
import { openDirect } from './directs.ts'
import { createInvite, inviteFacts, joinByInvite } from './invites.ts'
import { leave, removeMember } from './leaving.ts'
import { joinLobby } from './lobby.ts'
import { postMessages } from './postMessages.ts'
import { openTestCore, type TestCore } from '#server/testing/testCore.ts'
import { code } from '#server/testing/code.ts'

type Person = Awaited<ReturnType<TestCore['person']>>

let core: TestCore
let ann: Person
let bob: Person
let cy: Person
let far: Person

beforeEach(async () => {
  core = await openTestCore()
  ann = await core.person('Ann')
  bob = await core.person('Bob')
  cy = await core.person('Cy')
  far = await core.person('Far', 'elsewhere')
  core.notices.length = 0
})

const kinds = async (conv: ConversationId) => (await core.store.read((tx) => tx.events(conv, 0, 100))).map((event) => event.kind)
const told = (user: UserId) => core.notices.flatMap((notice) => (notice.kind === 'user' && notice.user === user ? [notice.event] : []))
const roles = async (conv: ConversationId) =>
  Object.fromEntries((await core.store.read((tx) => tx.members(conv, 99))).map((each) => [each.person.name, each.role]))

describe('a group', () => {
  it('begins with its owner and members, tells each of them, and shows everybody the coming of all', async () => {
    const group = await createGroup(core, ann, { name: 'Trees', members: [bob.user, cy.user, ann.user, bob.user] })
    expect(group).toMatchObject({ kind: 'group', name: 'Trees', role: 'owner', memberCount: 3 })
    expect(await roles(group.id)).toEqual({ Ann: 'owner', Bob: 'member', Cy: 'member' })
    expect(core.heard(cy.user, group.id).map((event) => event.kind)).toEqual(['join', 'join', 'join'])
    expect(told(bob.user)).toEqual([{ kind: 'conv.added', conv: group.id, urev: 1 }])
    expect(await pull(core, bob, { conv: group.id, from: 1 })).toMatchObject({ events: [{ rev: 2 }, { rev: 3 }] })
    expect(await conversationFor(core, bob, group.id)).toEqual({ ...group, role: 'member' })
    expect((await conversationsOf(core, cy)).map((each) => each.kind).toSorted()).toEqual(['group', 'lobby'])
  })

  it('takes nobody who does not exist or lives in another tenant, and is then not made at all', async () => {
    expect(await code(createGroup(core, ann, { name: 'x', members: [far.user] }))).toBe('E_NOT_FOUND')
    expect(await code(createGroup(core, ann, { name: 'x', members: ['nobody' as UserId] }))).toBe('E_NOT_FOUND')
    expect(await conversationsOf(core, ann)).toHaveLength(1)
    expect(await code(createGroup(core, { ...ann, permissions: [] }, { name: 'x', members: [] }))).toBe('E_FORBIDDEN')
  })

  it('is renamed by any member, and says so once', async () => {
    const { id: conv } = await createGroup(core, ann, { name: 'Trees', members: [bob.user] })
    expect(await rename(core, bob, { conv, name: 'Woods' })).toMatchObject({ name: 'Woods' })
    await rename(core, bob, { conv, name: 'Woods' })
    expect(await kinds(conv)).toEqual(['join', 'join', 'meta'])
    expect(core.heard(ann.user, conv).at(-1)).toMatchObject({ kind: 'meta', name: 'Woods', actor: bob.user, afterSeq: 0 })
    expect(await code(rename(core, cy, { conv, name: 'Mine' }))).toBe('E_NOT_MEMBER')
    expect(await code(rename(core, far, { conv, name: 'Mine' }))).toBe('E_NOT_FOUND')
  })

  it('is muted for one person, whose devices are told and nobody else; whoever comes back finds it so', async () => {
    const { id: conv } = await createGroup(core, ann, { name: 'Trees', members: [bob.user] })
    const { rev, h, marksRev } = (await headsFor(core, bob, { convs: {} })).heads[conv]!
    core.notices.length = 0
    expect(await mute(core, bob, { conv, muted: true })).toMatchObject({ muted: true })
    await mute(core, bob, { conv, muted: true })
    expect(core.notices).toMatchObject([{ kind: 'user', user: bob.user, event: { kind: 'conv.changed', conv } }])
    // one that was away meanwhile
    expect((await headsFor(core, bob, { convs: { [conv]: [rev, h, marksRev] } })).heads[conv]).toMatchObject({ facts: { muted: true } })
    expect(await conversationFor(core, ann, conv)).not.toHaveProperty('muted')
    await removeMember(core, ann, { conv, user: bob.user })
    await addMembers(core, ann, { conv, users: [bob.user] })
    expect(await conversationFor(core, bob, conv)).toMatchObject({ muted: true })
    expect(await mute(core, bob, { conv, muted: false })).not.toHaveProperty('muted')
  })

  it('grows by any member, by each person once', async () => {
    const { id: conv } = await createGroup(core, ann, { name: 'Trees', members: [bob.user] })
    await Promise.all([addMembers(core, bob, { conv, users: [cy.user, ann.user] }), addMembers(core, ann, { conv, users: [cy.user] })])
    expect(await kinds(conv)).toEqual(['join', 'join', 'join'])
    expect(told(cy.user)).toHaveLength(1)
    expect(core.heard(cy.user, conv)).toMatchObject([{ kind: 'join', person: { name: 'Cy' }, role: 'member', actor: bob.user }])
    expect(await code(addMembers(core, bob, { conv, users: [far.user] }))).toBe('E_NOT_FOUND')
    expect(await code(addMembers(core, far, { conv, users: [far.user] }))).toBe('E_NOT_FOUND')
  })

  it('loses a member by its owner only, and that member hears the leave as the last thing', async () => {
    const { id: conv } = await createGroup(core, ann, { name: 'Trees', members: [bob.user, cy.user] })
    expect(await code(removeMember(core, bob, { conv, user: cy.user }))).toBe('E_FORBIDDEN')
    await removeMember(core, ann, { conv, user: bob.user })
    await removeMember(core, ann, { conv, user: bob.user })
    await postMessages(core, ann, { conv, messages: [core.draft('without him')] })
    expect(core.heard(bob.user, conv).at(-1)).toMatchObject({ kind: 'leave', person: { name: 'Bob' }, actor: ann.user })
    expect(
      core
        .heard(cy.user, conv)
        .map((event) => event.kind)
        .slice(-2),
    ).toEqual(['leave', 'new'])
    expect(told(bob.user).at(-1)).toEqual({ kind: 'conv.removed', conv, name: 'Trees', by: ann.user, urev: 2 })
    expect(await code(conversationFor(core, bob, conv))).toBe('E_NOT_MEMBER')
    expect((await conversationsOf(core, bob)).map((each) => each.id)).not.toContain(conv)
  })

  it('passes to its oldest member when the last owner leaves', async () => {
    const { id: conv } = await createGroup(core, ann, { name: 'Trees', members: [] })
    await addMembers(core, ann, { conv, users: [cy.user] })
    await addMembers(core, ann, { conv, users: [bob.user] })
    const before = (await core.store.read((tx) => tx.conversation(conv)))!.marksRev
    await leave(core, ann, { conv })
    expect(await roles(conv)).toEqual({ Cy: 'owner', Bob: 'member' })
    expect(told(ann.user).at(-1)).toMatchObject({ kind: 'conv.removed', by: null })
    expect((await core.store.read((tx) => tx.conversation(conv)))!.marksRev).toBeGreaterThan(before)
    await removeMember(core, cy, { conv, user: bob.user })
    await leave(core, cy, { conv })
    expect(await roles(conv)).toEqual({})
    expect(await code(leave(core, cy, { conv }))).toBe('E_NOT_MEMBER')
  })
})

describe('a direct conversation', () => {
  it('is one for both, whoever opens it, at the same time and ever after', async () => {
    const opened = await Promise.all([
      openDirect(core, ann, { user: bob.user }),
      openDirect(core, bob, { user: ann.user }),
      openDirect(core, ann, { user: bob.user }),
      openDirect(core, bob, { user: ann.user }),
    ])
    expect(new Set(opened.map((each) => each.id)).size).toBe(1)
    expect(opened[0]).toMatchObject({ kind: 'direct', name: '', memberCount: 2 })
    expect(opened[0].members.map((each) => each.name).toSorted()).toEqual(['Ann', 'Bob'])
    expect(told(ann.user)).toHaveLength(1)
    expect(told(bob.user)).toHaveLength(1)
    expect((await openDirect(core, ann, { user: cy.user })).id).not.toBe(opened[0].id)
  })

  it('needs another person, of the same tenant', async () => {
    expect(await code(openDirect(core, ann, { user: ann.user }))).toBe('E_INVALID')
    expect(await code(openDirect(core, ann, { user: far.user }))).toBe('E_NOT_FOUND')
    expect(await code(openDirect(core, ann, { user: 'nobody' as UserId }))).toBe('E_NOT_FOUND')
  })

  it('keeps the two it has', async () => {
    const { id: conv } = await openDirect(core, ann, { user: bob.user })
    for (const attempt of [
      leave(core, ann, { conv }),
      addMembers(core, ann, { conv, users: [cy.user] }),
      rename(core, ann, { conv, name: 'x' }),
      createInvite(core, ann, { conv }),
      removeMember(core, ann, { conv, user: bob.user }),
    ]) {
      expect(await code(attempt)).toBe('E_FORBIDDEN')
    }
  })
})

describe('the lobby', () => {
  it('has everybody of its tenant in it, once', async () => {
    await Promise.all([joinLobby(core, ann), joinLobby(core, ann), joinLobby(core, far)])
    const [lobby] = await conversationsOf(core, ann)
    expect(lobby).toMatchObject({ id: 'lobby', kind: 'lobby', memberCount: 3, role: 'member' })
    expect(await conversationsOf(core, far)).toEqual([])
    expect(await code(leave(core, ann, { conv: lobby!.id }))).toBe('E_FORBIDDEN')
  })
})

describe('an invite', () => {
  it('lets its holder in once, after telling what for', async () => {
    const { id: conv } = await createGroup(core, ann, { name: 'Trees', members: [] })
    const { code: link } = await createInvite(core, ann, { conv })
    expect(link).toMatch(/^[a-z2-9]{12}$/)
    expect((await createInvite(core, ann, { conv })).code).toBe(link)
    expect(await inviteFacts(core, bob, { code: link })).toEqual({ code: link, conv, name: 'Trees', memberCount: 1, isMember: false })
    const [joined] = await Promise.all([joinByInvite(core, bob, { code: link }), joinByInvite(core, bob, { code: link })])
    expect(joined).toMatchObject({ id: conv, role: 'member', memberCount: 2 })
    expect(await kinds(conv)).toEqual(['join', 'join'])
    expect(core.heard(ann.user, conv).at(-1)).toMatchObject({ kind: 'join', person: { name: 'Bob' }, actor: bob.user })
    expect(await inviteFacts(core, bob, { code: link })).toMatchObject({ isMember: true, memberCount: 2 })
  })

  it('is nothing to other tenants, and made by members only', async () => {
    const { id: conv } = await createGroup(core, ann, { name: 'Trees', members: [] })
    const { code: link } = await createInvite(core, ann, { conv })
    expect(await code(inviteFacts(core, far, { code: link }))).toBe('E_NOT_FOUND')
    expect(await code(joinByInvite(core, far, { code: link }))).toBe('E_NOT_FOUND')
    expect(await code(joinByInvite(core, bob, { code: 'nonsense' }))).toBe('E_NOT_FOUND')
    expect(await code(createInvite(core, bob, { conv }))).toBe('E_NOT_MEMBER')
  })
})
