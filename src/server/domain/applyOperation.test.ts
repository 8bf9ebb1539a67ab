import { beforeEach, describe, expect, it } from 'vitest'
import type { ConversationId, MessageId } from '#protocol/ids.ts'
import type { Operation } from '#protocol/message.ts'
import { applyOperation } from './applyOperation.ts'
import { pull } from './catchUp.ts'
import { addMembers, createGroup } from './conversations.ts'
import { removeMember } from './leaving.ts'
import { postMessages } from './postMessages.ts'
import { openTestCore, type TestCore } from '#server/testing/testCore.ts'
import { code } from '#server/testing/code.ts'

type Person = Awaited<ReturnType<TestCore['person']>>

let core: TestCore
let ann: Person
let bob: Person
let conv: ConversationId
let id: MessageId

beforeEach(async () => {
  core = await openTestCore()
  ann = await core.person('Ann')
  bob = await core.person('Bob')
  conv = (await createGroup(core, ann, { name: 'G', members: [bob.user] })).id
  id = await said(bob, 'hello')
  core.notices.length = 0
})

async function said(who: Person, body: string): Promise<MessageId> {
  const [result] = (await postMessages(core, who, { conv, messages: [core.draft(body)] })).results
  if (!result?.ok) throw new Error('not stored')
  return result.id
}

type Change = Operation extends infer O ? (O extends Operation ? Omit<O, 'opId' | 'target'> : never) : never
const change = (who: Person, what: Change, target: Operation['target'] = { id }, opId = core.opId()) =>
  applyOperation(core, who, { conv, operation: { ...what, opId, target } })
const message = async () => (await core.store.read((tx) => tx.message(id)))!

describe('an edit', () => {
  it('changes the text, is told to everybody and stands in the log', async () => {
    core.advance(5)
    const { rev } = await change(bob, { kind: 'edit', body: 'hello!' })
    expect(await message()).toMatchObject({ body: 'hello!', editedAt: core.now(), version: rev, seq: 1 })
    expect(core.heard(ann.user, conv)).toMatchObject([{ kind: 'edit', rev, messageId: id, seq: 1, body: 'hello!', actor: bob.user }])
    expect((await core.store.read((tx) => tx.events(conv, rev - 1, 9)))[0]).toEqual(core.heard(bob.user, conv)[0])
  })

  it('is for the writer alone, with a text that could be sent', async () => {
    expect(await code(change(ann, { kind: 'edit', body: 'owned' }))).toBe('E_FORBIDDEN')
    expect(await code(change(bob, { kind: 'edit', body: ' ' }))).toBe('E_INVALID')
    expect(await code(change(bob, { kind: 'edit', body: 'x'.repeat(5000) }))).toBe('E_TOO_BIG')
    expect((await message()).body).toBe('hello')
  })

  it('may name the message as its writer knows it', async () => {
    const { clientId } = await message()
    await change(bob, { kind: 'edit', body: 'by client id' }, { clientId, sender: bob.user })
    expect((await message()).body).toBe('by client id')
  })
})

describe('an operation', () => {
  it('counts once, however often it arrives', async () => {
    const opId = core.opId()
    const first = await change(bob, { kind: 'edit', body: 'a' }, { id }, opId)
    await change(bob, { kind: 'edit', body: 'b' })
    expect(await change(bob, { kind: 'edit', body: 'a' }, { id }, opId)).toEqual({ ...first, dup: true })
    expect((await message()).body).toBe('b')
  })

  it('on what is not in this conversation finds nothing', async () => {
    const other = await createGroup(core, bob, { name: 'Other', members: [] })
    const elsewhere = applyOperation(core, bob, { conv: other.id, operation: { kind: 'edit', opId: core.opId(), target: { id }, body: 'x' } })
    expect(await code(elsewhere)).toBe('E_NOT_FOUND')
    expect(await code(change(bob, { kind: 'delete' }, { clientId: core.draft('').clientId, sender: bob.user }))).toBe('E_NOT_FOUND')
  })

  it('is refused to strangers', async () => {
    expect(await code(change(await core.person('Eve'), { kind: 'react', emoji: '👍' }))).toBe('E_NOT_MEMBER')
  })
})

describe('a deletion', () => {
  it('leaves no text anywhere, not even in edits of the past', async () => {
    await change(bob, { kind: 'edit', body: 'a secret' })
    await change(bob, { kind: 'delete' })
    expect(await message()).toMatchObject({ body: '', deletedAt: core.now(), reactions: {} })
    const answer = await pull(core, ann, { conv, from: 1 })
    expect(JSON.stringify(answer)).not.toMatch(/hello|secret/)
  })

  it('by an owner of the group is allowed, by other members not', async () => {
    const annSays = await said(ann, 'mine')
    expect(await code(change(bob, { kind: 'delete' }, { id: annSays }))).toBe('E_FORBIDDEN')
    expect(await code(change(ann, { kind: 'delete' }))).toBe('ok')
  })

  it('of what is deleted already is done already; nothing else can be done to it', async () => {
    const { rev } = await change(bob, { kind: 'delete' })
    expect(await change(bob, { kind: 'delete' })).toEqual({ rev, dup: true })
    expect(await code(change(bob, { kind: 'edit', body: 'back' }))).toBe('E_NOT_FOUND')
    expect(await code(change(ann, { kind: 'react', emoji: '👍' }))).toBe('E_NOT_FOUND')
  })
})

describe('a reaction', () => {
  it('is kept per person and can be taken back', async () => {
    await change(ann, { kind: 'react', emoji: '👍' })
    await change(bob, { kind: 'react', emoji: '👍' })
    expect((await message()).reactions).toEqual({ '👍': [ann.user, bob.user] })
    await change(ann, { kind: 'unreact', emoji: '👍' })
    expect((await message()).reactions).toEqual({ '👍': [bob.user] })
  })

  it('that changes nothing leaves no event', async () => {
    const { rev } = await change(ann, { kind: 'react', emoji: '👍' })
    expect(await change(ann, { kind: 'react', emoji: '👍' })).toEqual({ rev, dup: true })
    expect(await change(bob, { kind: 'unreact', emoji: '👍' })).toEqual({ rev, dup: true })
    expect((await core.store.read((tx) => tx.conversation(conv)))!.rev).toBe(rev)
  })

  it.each(['constructor', 'nice', 'так', '\u202E', '1', ' 👍', '👍👍', '👍\uFE0F', '❤'])(
    'is one picture, written as everybody writes it: not %j',
    async (emoji) => {
      expect(await code(change(ann, { kind: 'react', emoji }))).toBe('E_INVALID')
    },
  )

  it.each(['👍', '❤️', '👍🏽', '👨‍👩‍👧', '🇩🇪', '1️⃣'])('is one picture, written as everybody writes it: %s', async (emoji) => {
    await change(ann, { kind: 'react', emoji })
    expect((await message()).reactions).toEqual({ [emoji]: [ann.user] })
  })

  it('is no word, no name of a property, and not one of too many', async () => {
    for (const emoji of ['constructor', '__proto__', 'ok', ' ', '\ud83d', '\0'])
      expect(await code(change(ann, { kind: 'react', emoji }))).toBe('E_INVALID')
    for (let i = 0; i < 32; i++) await change(ann, { kind: 'react', emoji: String.fromCodePoint(0x1f600 + i) })
    expect(await code(change(ann, { kind: 'react', emoji: '👍' }))).toBe('E_FORBIDDEN')
  })
})

it('those who joined later hear that something happened to an older message, but not its text', async () => {
  const cy = await core.person('Cy')
  await addMembers(core, ann, { conv, users: [cy.user] })
  core.notices.length = 0
  const { rev } = await change(bob, { kind: 'edit', body: 'a secret' })
  expect(core.heard(ann.user, conv)).toMatchObject([{ rev, body: 'a secret' }])
  expect(core.heard(cy.user, conv)).toMatchObject([{ rev, kind: 'edit', body: '' }])
  // in one notice: where a bus loses it, nobody has been told, and everybody is sent to look
  expect(core.notices.filter(({ kind }) => kind === 'log')).toHaveLength(1)
  expect(await pull(core, cy, { conv, from: rev - 1 })).toMatchObject({ events: [{ rev, kind: 'edit', body: '' }] })
  expect(await pull(core, ann, { conv, from: rev - 1 })).toMatchObject({ events: [{ rev, kind: 'edit', body: 'a secret' }] })
  expect(await code(change(cy, { kind: 'react', emoji: '👍' }))).toBe('E_NOT_FOUND')
})

it('a change that was made before its author was removed is answered as made, and a new one is refused', async () => {
  const again = core.opId()
  const { rev } = await change(bob, { kind: 'edit', body: 'first' }, { id }, again)
  await removeMember(core, ann, { conv, user: bob.user })
  expect(await change(bob, { kind: 'edit', body: 'first' }, { id }, again)).toEqual({ rev, dup: true })
  expect(await code(change(bob, { kind: 'edit', body: 'second' }))).toBe('E_NOT_MEMBER')
})

it('a change that changed nothing the first time changes nothing when its repetition comes late', async () => {
  const again = core.opId()
  await change(ann, { kind: 'react', emoji: '👍' })
  await change(ann, { kind: 'react', emoji: '👍' }, { id }, again)
  await change(ann, { kind: 'unreact', emoji: '👍' })
  await change(ann, { kind: 'react', emoji: '👍' }, { id }, again)
  expect((await message()).reactions).toEqual({})
})
