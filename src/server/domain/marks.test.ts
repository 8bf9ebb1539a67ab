import { beforeEach, describe, expect, it } from 'vitest'
import { MARKS_MAX_MEMBERS } from '#protocol/limits.ts'
import type { ConversationId } from '#protocol/ids.ts'
import type { Position } from '#protocol/sync.ts'
import { headsFor } from './catchUp.ts'
import { createGroup } from './conversations.ts'
import { openDirect } from './directs.ts'
import { mark } from './marks.ts'
import { setReceipts } from './people.ts'
import { postMessages } from './postMessages.ts'
import { openTestCore, type TestCore } from '#server/testing/testCore.ts'

type Person = Awaited<ReturnType<TestCore['person']>>

let core: TestCore
let ann: Person
let bob: Person
let conv: ConversationId

beforeEach(async () => {
  core = await openTestCore()
  ann = await core.person('Ann')
  bob = await core.person('Bob')
  conv = (await openDirect(core, ann, { user: bob.user })).id
  await postMessages(core, ann, { conv, messages: Array.from({ length: 10 }, (_, i) => core.draft(`${i}`)) })
  core.notices.length = 0
})

it('marks move forward only, read pulls delivered with it, and neither passes what is stored', async () => {
  expect(await mark(core, bob, { conv, delivered: 4 })).toEqual({ delivered: 4, read: 0 })
  expect(await mark(core, bob, { conv, delivered: 2 })).toEqual({ delivered: 4, read: 0 })
  expect(await mark(core, bob, { conv, read: 6 })).toEqual({ delivered: 6, read: 6 })
  expect(await mark(core, bob, { conv, delivered: 99, read: 3 })).toEqual({ delivered: 10, read: 6 })
  expect(await mark(core, bob, { conv, read: 99 })).toEqual({ delivered: 10, read: 10 })
})

it('whatever order they arrive in, the marks end the same', async () => {
  const seqs = [3, 9, 1, 7, 5]
  await Promise.all(seqs.map((seq) => mark(core, bob, { conv, delivered: seq, read: seq - 1 })))
  expect(await mark(core, bob, { conv })).toEqual({ delivered: 9, read: 8 })
})

it('a change is told to both sides and counted; no change is neither', async () => {
  await mark(core, bob, { conv, delivered: 4 })
  await mark(core, bob, { conv, delivered: 3, read: 0 })
  expect(core.notices).toEqual([{ kind: 'receipt', conv, user: bob.user, delivered: 4, read: 0, marksRev: 1, recipients: [bob.user, ann.user] }])
  expect((await core.store.read((tx) => tx.conversation(conv)))!.marksRev).toBe(1)
})

it('in a big group only the own devices are told', async () => {
  const crowd: Person[] = []
  for (let i = 0; i < MARKS_MAX_MEMBERS; i++) crowd.push(await core.person(`P${i}`))
  const group = await createGroup(core, ann, { name: 'Crowd', members: crowd.map((person) => person.user) })
  expect(group).toMatchObject({ memberCount: MARKS_MAX_MEMBERS + 1, members: [] })
  await postMessages(core, ann, { conv: group.id, messages: [core.draft('hi')] })
  core.notices.length = 0
  await mark(core, crowd[0]!, { conv: group.id, read: 1 })
  expect(core.notices).toMatchObject([{ kind: 'receipt', recipients: [crowd[0]!.user] }])
})

describe('somebody who keeps to themselves what they read', () => {
  const toldTo = (who: Person) =>
    core.notices.flatMap((notice) => (notice.kind === 'receipt' && notice.recipients.includes(who.user) ? [notice] : []))
  const seenBy = async (who: Person) => (await headsFor(core, who, { convs: {} })).heads[conv]!
  const readOf = async (who: Person, by: Person) => (await seenBy(by)).facts.members.find(({ id }) => id === who.user)!.read

  beforeEach(async () => {
    await mark(core, bob, { conv, read: 2 })
    await setReceipts(core, bob, 'hidden')
    core.notices.length = 0
  })

  it('has it told to their own devices alone, now and at their next heads; for the others nothing happened', async () => {
    await mark(core, bob, { conv, delivered: 10 })
    await mark(core, ann, { conv, read: 10 })
    core.notices.length = 0
    const { rev, h, marksRev } = await seenBy(ann)
    await mark(core, bob, { conv, read: 7 })
    expect(toldTo(bob)).toMatchObject([{ delivered: 10, read: 7, marksRev }])
    expect(toldTo(ann)).toEqual([])
    expect([await readOf(bob, ann), await readOf(bob, bob)]).toEqual([2, 7])
    const positions = { convs: { [conv]: [rev, h, marksRev] as Position } }
    expect((await headsFor(core, ann, positions)).heads).not.toHaveProperty(conv)
    expect((await headsFor(core, bob, positions)).heads[conv]).toMatchObject({ facts: { read: 7 } })
  })

  it('is still known to have received what reached a device, and no more', async () => {
    await mark(core, bob, { conv, delivered: 9, read: 7 })
    expect(toldTo(ann)).toMatchObject([{ delivered: 9, read: 2 }])
    expect(toldTo(bob)).toMatchObject([{ delivered: 9, read: 7 }])
  })

  it('has what they read next told again when they want that, and nothing told back of what they were told before', async () => {
    await mark(core, bob, { conv, read: 7 })
    await setReceipts(core, bob, 'shown')
    expect(await readOf(bob, ann)).toBe(2)
    await mark(core, bob, { conv, read: 8 })
    expect(await readOf(bob, ann)).toBe(8)
    await setReceipts(core, bob, 'hidden')
    expect(await readOf(bob, ann)).toBe(8)
  })
})

it('is for members', async () => {
  await expect(mark(core, await core.person('Eve'), { conv, read: 1 })).rejects.toMatchObject({ code: 'E_NOT_MEMBER' })
})
