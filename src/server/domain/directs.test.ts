import { beforeEach, describe, expect, it } from 'vitest'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import { openTestCore, type TestCore } from '#server/testing/testCore.ts'
import { block, blockedBy, unblock } from './blocks.ts'
import { headsFor } from './catchUp.ts'
import { addMembers, conversationFor, createGroup } from './conversations.ts'
import type { Identity } from './core.ts'
import { accept, openDirect } from './directs.ts'
import { mark } from './marks.ts'
import { contactOf, findPeople, setContact } from './people.ts'
import { postMessages } from './postMessages.ts'
import { code } from '#server/testing/code.ts'

let core: TestCore
let ann: Identity
let bob: Identity
beforeEach(async () => {
  core = await openTestCore()
  ;[ann, bob] = [await core.person('Ann'), await core.person('Bob')]
})

const direct = async (): Promise<ConversationId> => (await openDirect(core, ann, { user: bob.user })).id
const write = (who: Identity, conv: ConversationId) => postMessages(core, who, { conv, messages: [core.draft('hello')] })
const consent = async (who: Identity, conv: ConversationId) => (await conversationFor(core, who, conv)).consent
/** Kinds of what this person was told of themselves. */
const told = (who: Identity) => core.notices.flatMap((notice) => (notice.kind === 'user' && notice.user === who.user ? [notice.event.kind] : []))
const names = async (who: Identity, text: string) => (await findPeople(core, who, { text })).map(({ name }) => name)

describe('a direct conversation with a stranger', () => {
  it('is a request: the one is asked, the other waits, and both are told when it is agreed to', async () => {
    const conv = await direct()
    await write(ann, conv)
    expect([await consent(ann, conv), await consent(bob, conv)]).toEqual(['asking', 'asked'])
    core.notices.length = 0
    await accept(core, bob, { conv })
    expect([await consent(ann, conv), await consent(bob, conv)]).toEqual([undefined, undefined])
    expect([told(ann), told(bob)]).toEqual([['conv.changed'], ['conv.changed']])
    await accept(core, bob, { conv })
    expect(told(bob)).toHaveLength(1)
  })

  it('is agreed to by whoever answers it, not by whoever began it', async () => {
    const conv = await direct()
    await write(ann, conv)
    expect(await consent(bob, conv)).toBe('asked')
    await write(bob, conv)
    expect([await consent(ann, conv), await consent(bob, conv)]).toEqual([undefined, undefined])
  })

  it('reaches those who were away with their next heads', async () => {
    const conv = await direct()
    const position = async (who: Identity) => {
      const { heads } = await headsFor(core, who, { convs: {} })
      const { rev, h, marksRev } = heads[conv]!
      return { [conv]: [rev, h, marksRev] } as never
    }
    const before = await position(ann)
    await accept(core, bob, { conv })
    expect((await headsFor(core, ann, { convs: before })).heads[conv]).toBeDefined()
    expect((await headsFor(core, ann, { convs: await position(ann) })).heads[conv]).toBeUndefined()
  })

  it('is none between two who are in a group, and the lobby is no group', async () => {
    await createGroup(core, ann, { name: 'Boat', members: [bob.user] })
    expect(await consent(bob, await direct())).toBeUndefined()
    const stranger = await core.person('Eve')
    expect((await openDirect(core, stranger, { user: bob.user })).consent).toBe('asking')
  })
})

describe('a block', () => {
  it('stands between the two whoever set it, and is told only to who did', async () => {
    const conv = await direct()
    await write(bob, conv)
    await block(core, bob, { user: ann.user })
    expect([await code(write(ann, conv)), await code(write(bob, conv))]).toEqual(['E_FORBIDDEN', 'E_FORBIDDEN'])
    expect([await consent(ann, conv), await consent(bob, conv)]).toEqual([undefined, 'blocked'])
    expect(await blockedBy(core, bob)).toEqual([{ id: ann.user, name: 'Ann', isGuest: true }])
    expect(await blockedBy(core, ann)).toEqual([])
    await unblock(core, bob, { user: ann.user })
    await unblock(core, bob, { user: ann.user })
    expect([await code(write(ann, conv)), await consent(bob, conv)]).toEqual(['ok', undefined])
  })

  it('set by both is lifted by both', async () => {
    const conv = await direct()
    for (const [who, other] of [
      [ann, bob],
      [bob, ann],
    ] as const)
      await block(core, who, { user: other.user })
    await block(core, ann, { user: bob.user })
    await unblock(core, bob, { user: ann.user })
    expect(await code(write(ann, conv))).toBe('E_FORBIDDEN')
    await unblock(core, ann, { user: bob.user })
    expect(await code(write(ann, conv))).toBe('ok')
  })

  it('leaves groups as they are, and adds nobody to new ones', async () => {
    const { id: group } = await createGroup(core, ann, { name: 'Boat', members: [bob.user] })
    await block(core, bob, { user: ann.user })
    expect(await code(write(ann, group))).toBe('ok')
    expect(await code(createGroup(core, ann, { name: 'Ship', members: [bob.user] }))).toBe('E_FORBIDDEN')
    const { id: own } = await createGroup(core, ann, { name: 'Raft', members: [] })
    expect(await code(addMembers(core, ann, { conv: own, users: [bob.user] }))).toBe('E_FORBIDDEN')
  })

  it('keeps from the other how far somebody read', async () => {
    const conv = await direct()
    await write(ann, conv)
    await block(core, bob, { user: ann.user })
    core.notices.length = 0
    await mark(core, bob, { conv, read: 1 })
    expect(core.notices).toMatchObject([{ kind: 'receipt', recipients: [bob.user] }])
  })

  it('is announced to the doors, which part the two', async () => {
    const conv = await direct()
    core.notices.length = 0
    await block(core, bob, { user: ann.user })
    expect(core.notices).toContainEqual({ kind: 'parted', users: [bob.user, ann.user], conv })
    expect(told(ann)).toEqual(['conv.changed'])
  })
})

describe('finding people', () => {
  it('goes by the beginning of any word of a name, whatever the case, and by nothing else', async () => {
    for (const name of ['Zoë Miller', 'Miller', 'Smiller', '100% Mill_er', 'milkman']) await core.person(name)
    expect(await names(ann, 'mill')).toEqual(['100% Mill_er', 'Miller', 'Zoë Miller'])
    expect(await names(ann, '100%')).toEqual(['100% Mill_er'])
    expect(await names(ann, '%')).toEqual([])
    expect(await names(ann, 'Mill_')).toEqual(['100% Mill_er'])
  })

  it('shows at most twenty, nobody of another tenant, and not oneself', async () => {
    for (let n = 0; n < 30; n++) await core.person(`Ann ${n}`)
    await core.person('Ann Other', 'other')
    const found = await findPeople(core, ann, { text: 'ann' })
    expect(found).toHaveLength(20)
    expect(found.every(({ id, name }) => id !== ann.user && name !== 'Ann Other')).toBe(true)
  })

  it('leaves out who has blocked or was blocked, and who does not want to be written to', async () => {
    const [cy, dan] = [await core.person('Cy'), await core.person('Dan')]
    await block(core, cy, { user: ann.user })
    expect([await names(ann, 'cy'), await names(cy, 'ann')]).toEqual([[], []])
    await setContact(core, dan, 'shared')
    expect(await contactOf(core, dan)).toBe('shared')
    expect(await names(ann, 'dan')).toEqual([])
    await createGroup(core, dan, { name: 'Boat', members: [ann.user] })
    expect(await names(ann, 'dan')).toEqual(['Dan'])
    await setContact(core, dan, 'nobody')
    expect(await names(ann, 'dan')).toEqual([])
  })

  it('still finds somebody one already writes with', async () => {
    await direct()
    await setContact(core, bob, 'nobody')
    expect(await names(ann, 'bob')).toEqual(['Bob'])
    expect(await code(openDirect(core, ann, { user: bob.user }))).toBe('ok')
    expect(await code(openDirect(core, ann, { user: 'x' as UserId }))).toBe('E_NOT_FOUND')
  })
})
