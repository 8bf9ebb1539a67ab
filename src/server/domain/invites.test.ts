import { beforeEach, describe, expect, it } from 'vitest'
import type { ConversationId } from '#protocol/ids.ts'
import { openTestCore, type TestCore } from '#server/testing/testCore.ts'
import { createGroup } from './conversations.ts'
import type { Identity } from './core.ts'
import { createInvite, inviteFacts, invitesOf, joinByInvite, revokeInvite } from './invites.ts'
import { code } from '#server/testing/code.ts'

let core: TestCore
let ann: Identity
let conv: ConversationId
beforeEach(async () => {
  core = await openTestCore()
  ann = await core.person('Ann')
  conv = (await createGroup(core, ann, { name: 'Boat', members: [] })).id
})
const join = async (link: { code: string }) => code(joinByInvite(core, await core.person('Bob'), link))

describe('a link into a group', () => {
  it('without terms is one, and works for everybody for ever', async () => {
    const link = await createInvite(core, ann, { conv })
    expect(await createInvite(core, ann, { conv })).toEqual(link)
    core.advance(1_000 * 24 * 60 * 60 * 1000)
    expect([await join(link), await join(link)]).toEqual(['ok', 'ok'])
  })

  it('with a time ends with it', async () => {
    const link = await createInvite(core, ann, { conv, forMs: 60_000 })
    expect(link.expiresAt).toBe(core.now() + 60_000)
    core.advance(59_999)
    expect(await join(link)).toBe('ok')
    core.advance(1)
    expect(await join(link)).toBe('E_NOT_FOUND')
    expect(await code(inviteFacts(core, await core.person('Eve'), link))).toBe('E_NOT_FOUND')
  })

  it('for so many lets in so many, also when all come at once, and counts nobody twice', async () => {
    const link = await createInvite(core, ann, { conv, uses: 2 })
    const bob = await core.person('Bob')
    for (let again = 0; again < 3; again++) expect(await code(joinByInvite(core, bob, link))).toBe('ok')
    const outcomes = await Promise.all([join(link), join(link), join(link)])
    expect(outcomes.toSorted()).toEqual(['E_NOT_FOUND', 'E_NOT_FOUND', 'ok'])
    // who came by it may follow it again
    expect(await inviteFacts(core, bob, link)).toMatchObject({ isMember: true, memberCount: 3 })
    expect(await code(joinByInvite(core, bob, link))).toBe('ok')
  })

  it('with terms is another one each time, and all that work are listed for members', async () => {
    const lasting = await createInvite(core, ann, { conv })
    core.advance(1)
    const brief = await createInvite(core, ann, { conv, forMs: 60_000 })
    core.advance(1)
    const single = await createInvite(core, ann, { conv, uses: 1 })
    const codes = async () => (await invitesOf(core, ann, { conv })).map((link) => link.code)
    expect(await codes()).toEqual([single.code, brief.code, lasting.code])
    await join(single)
    core.advance(60_000)
    expect(await codes()).toEqual([lasting.code])
    expect(await code(invitesOf(core, await core.person('Eve'), { conv }))).toBe('E_NOT_MEMBER')
  })

  it('can be taken back, by members and for their own group only', async () => {
    const link = await createInvite(core, ann, { conv })
    const eve = await core.person('Eve')
    const { id: hers } = await createGroup(core, eve, { name: 'Raft', members: [] })
    expect(await code(revokeInvite(core, eve, { conv, code: link.code }))).toBe('E_NOT_MEMBER')
    await revokeInvite(core, eve, { conv: hers, code: link.code })
    expect(await join(link)).toBe('ok')
    await revokeInvite(core, ann, { conv, code: link.code })
    expect(await join(link)).toBe('E_NOT_FOUND')
    expect((await createInvite(core, ann, { conv })).code).not.toBe(link.code)
  })

  it('is not made without end', async () => {
    for (let n = 0; n < 50; n++) await createInvite(core, ann, { conv, uses: 1 })
    expect(await code(createInvite(core, ann, { conv, uses: 1 }))).toBe('E_FORBIDDEN')
  })
})
