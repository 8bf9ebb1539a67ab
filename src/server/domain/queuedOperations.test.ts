import { beforeEach, describe, expect, it } from 'vitest'
import type { ClientId, ConversationId } from '#protocol/ids.ts'
import type { Operation } from '#protocol/message.ts'
import type { MessageDraft } from '#protocol/requests.ts'
import { openTestCore, type TestCore } from '#server/testing/testCore.ts'
import { applyOperation } from './applyOperation.ts'
import { createGroup } from './conversations.ts'
import { postMessages } from './postMessages.ts'
import { code } from '#server/testing/code.ts'

type Person = Awaited<ReturnType<TestCore['person']>>

let core: TestCore
let ann: Person
let bob: Person
let conv: ConversationId
let message: MessageDraft

beforeEach(async () => {
  core = await openTestCore()
  ann = await core.person('Ann')
  bob = await core.person('Bob')
  conv = (await createGroup(core, bob, { name: 'G', members: [ann.user] })).id
  message = core.draft('frist')
  core.notices.length = 0
})

const send = (...messages: MessageDraft[]) => postMessages(core, ann, { conv, messages })
const apply = (operation: Operation, who = ann, to = conv) => applyOperation(core, who, { conv: to, operation })
/** As somebody names a message whose answer they do not have yet. */
const mine = (clientId: ClientId = message.clientId, sender = ann.user) => ({ clientId, sender })
const editTo = (body: string, target: Operation['target'] = mine()): Operation => ({ kind: 'edit', opId: core.opId(), target, body })
const deletion = (target: Operation['target'] = mine()): Operation => ({ kind: 'delete', opId: core.opId(), target })
const log = async () => (await core.store.read((tx) => tx.events(conv, 2, 100))).map((event) => event.kind)
const stored = () => core.store.read(async (tx) => (await tx.messageByClientId(ann.user, message.clientId))?.message)

describe('a change sent right behind its message, before anybody knows its id', () => {
  it('finds it: first the message, then the edit, for everybody', async () => {
    const [sent, edited] = await Promise.all([send(message), apply(editTo('first'))])
    expect([sent.results[0], edited]).toMatchObject([{ ok: true, rev: 3 }, { rev: 4 }])
    expect(await log()).toEqual(['new', 'edit'])
    expect(core.heard(bob.user, conv)).toMatchObject([
      { kind: 'new', rev: 3, message: { body: 'frist' } },
      { kind: 'edit', rev: 4, body: 'first' },
    ])
    expect(await stored()).toMatchObject({ body: 'first', seq: 1, version: 4 })
  })

  it('deletes it: a place without a text stays, and no text anywhere', async () => {
    await Promise.all([send(message, core.draft('next')), apply(editTo('a secret')), apply(deletion())])
    expect(await log()).toEqual(['new', 'new', 'edit', 'delete'])
    expect(await stored()).toMatchObject({ body: '', deletedAt: core.now(), seq: 1 })
    expect(JSON.stringify(await core.store.read((tx) => tx.events(conv, 0, 100)))).not.toMatch(/frist|secret/)
  })

  it('counts in the order of writing, the last edit last', async () => {
    await Promise.all([send(message), ...['one', 'two', 'three'].map((body) => apply(editTo(body)))])
    expect(core.heard(bob.user, conv).map((event) => ('body' in event ? event.body : event.kind))).toEqual(['new', 'one', 'two', 'three'])
    expect((await stored())!.body).toBe('three')
  })

  it('counts once, however often both are sent again because no answer came', async () => {
    const [first, second] = [editTo('first'), editTo('second')]
    const all = () => Promise.all([send(message), apply(first), apply(second)])
    const [sent, ...changed] = await all()
    core.advance(60_000)
    for (let times = 0; times < 3; times++) {
      expect(await all()).toEqual([{ results: [{ ...sent.results[0], dup: true }] }, ...changed.map((answer) => ({ ...answer, dup: true }))])
    }
    // the older one alone, late: it does not undo the newer one
    expect(await apply(first)).toEqual({ ...changed[0], dup: true })
    expect(await log()).toEqual(['new', 'edit', 'edit'])
    expect((await stored())!.body).toBe('second')
  })
})

describe('a change whose message is not there', () => {
  it('finds nothing and leaves nothing, and under the same id does its work once the message is there', async () => {
    const [edit, removal] = [editTo('first'), deletion()]
    for (const operation of [edit, removal]) expect(await code(apply(operation))).toBe('E_NOT_FOUND')
    expect(await log()).toEqual([])
    await send(message)
    expect(await apply(edit)).toEqual({ rev: 4 })
    expect(await apply(removal)).toEqual({ rev: 5 })
  })

  it('finds nothing when its message was refused', async () => {
    const refused = { ...message, body: ' ' }
    const [sent, changed] = await Promise.allSettled([send(refused), apply(editTo('better'))])
    expect(sent).toMatchObject({ value: { results: [{ ok: false, code: 'E_INVALID' }] } })
    expect(changed).toMatchObject({ status: 'rejected', reason: { code: 'E_NOT_FOUND' } })
  })

  it("takes nobody else's for it: a name is a client id together with who wrote it", async () => {
    await send(message)
    expect(await code(apply(editTo('owned', mine(message.clientId, bob.user)), bob))).toBe('E_NOT_FOUND')
    expect(await code(apply(editTo('owned', mine()), bob))).toBe('E_FORBIDDEN')
    await postMessages(core, bob, { conv, messages: [core.draft('his own', { clientId: message.clientId })] })
    await apply(editTo('his change', mine(message.clientId, bob.user)), bob)
    expect((await stored())!.body).toBe('frist')
  })

  it('does not find it in another conversation', async () => {
    await send(message)
    const other = await createGroup(core, ann, { name: 'Other', members: [] })
    expect(await code(apply(editTo('elsewhere'), ann, other.id))).toBe('E_NOT_FOUND')
  })

  it('is not taken for done because somebody else used the same id for a change', async () => {
    const his = core.draft('his')
    await Promise.all([send(message), postMessages(core, bob, { conv, messages: [his] })])
    const edit = editTo('first')
    await apply(edit)
    expect(await apply({ ...edit, target: mine(his.clientId, bob.user) }, bob)).toEqual({ rev: 6 })
  })
})
