import { beforeEach, describe, expect, it } from 'vitest'
import { BODY_MAX_GRAPHEMES } from '#protocol/limits.ts'
import { CHAIN_START, type ConversationId, type MessageId } from '#protocol/ids.ts'
import { chainAfter } from './chain.ts'
import { headsFor, pull } from './catchUp.ts'
import { addMembers, createGroup } from './conversations.ts'
import { openDirect } from './directs.ts'
import { leave, removeMember } from './leaving.ts'
import { mark } from './marks.ts'
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
  core.notices.length = 0
})

const post = (who: Person, ...bodies: string[]) => postMessages(core, who, { conv, messages: bodies.map((body) => core.draft(body)) })
const log = async () => core.store.read((tx) => tx.events(conv, 0, 1000))
const bodies = async () => (await log()).flatMap((event) => ('message' in event ? [event.message.body] : []))

describe('posting', () => {
  it('stores a batch in its order and tells both sides once, in one notice', async () => {
    const { results } = await post(ann, 'one', 'two', 'three')
    expect(results.map((result) => result.ok && [result.seq, result.rev, result.dup])).toEqual([
      [1, 1, undefined],
      [2, 2, undefined],
      [3, 3, undefined],
    ])
    expect(await bodies()).toEqual(['one', 'two', 'three'])
    expect(core.notices).toHaveLength(1)
    expect(core.heard(bob.user, conv)).toEqual(await log())
    expect(core.heard(ann.user, conv)).toHaveLength(3)
  })

  it('is read by whoever wrote it, when they had read all before, and unread nowhere; what they had not read stays unread', async () => {
    const read = async (who: Person) => (await headsFor(core, who, { convs: {} })).heads[conv]!.facts.read
    await post(ann, 'one', 'two')
    expect([await read(ann), await read(bob)]).toEqual([2, 0])
    await post(bob, 'three')
    expect([await read(ann), await read(bob)]).toEqual([2, 0])
    await mark(core, bob, { conv, read: 3 })
    await post(bob, 'four')
    expect(await read(bob)).toBe(4)
  })

  it('keeps the text exactly, and the name of who wrote it', async () => {
    const text = '  if (x<y) "<b>"& \n\t👩‍👩‍👧 é ‏שלום '
    await post(ann, text)
    expect((await log())[0]).toMatchObject({ message: { body: text, sender: ann.user, senderName: 'Ann' } })
  })

  it('takes the sender from the session, the time from the server, and no future from the client', async () => {
    core.advance(1000)
    await postMessages(core, ann, { conv, messages: [core.draft('past', { sentAt: 5 }), core.draft('future', { sentAt: core.now() + 9e9 })] })
    expect(await log()).toMatchObject([
      { actor: ann.user, at: core.now(), message: { sentAt: 5, at: core.now() } },
      { message: { sentAt: core.now() } },
    ])
  })

  it('chains the hashes of the log', async () => {
    await post(ann, 'one', 'two')
    let h = CHAIN_START
    for (const event of await log()) {
      h = chainAfter(core.sha256, h, {
        kind: 'new',
        messageId: 'message' in event ? event.message.id : '',
        bodyHash: core.sha256('message' in event ? event.message.body : ''),
      })
      expect(event.h).toBe(h)
    }
    expect((await core.store.read((tx) => tx.conversation(conv)))!.h).toBe(h)
  })
})

describe('a repetition', () => {
  it('is told again only to those who were there the first time', async () => {
    const { id: group } = await createGroup(core, ann, { name: 'Crew', members: [bob.user] })
    const request = { conv: group, messages: [core.draft('before Cleo')] }
    await postMessages(core, ann, request)
    const cleo = await core.person('Cleo')
    await addMembers(core, ann, { conv: group, users: [cleo.user] })
    core.notices.length = 0
    await postMessages(core, ann, request)
    expect(core.heard(bob.user, group)).toHaveLength(1)
    expect(core.heard(cleo.user, group)).toEqual([])
  })

  it('is answered with what was stored, tells everybody again, and stores nothing', async () => {
    const messages = [core.draft('one'), core.draft('two')]
    const first = await postMessages(core, ann, { conv, messages })
    core.advance(60_000)
    core.notices.length = 0
    const second = await postMessages(core, ann, { conv, messages })
    expect(second.results).toEqual(first.results.map((result) => ({ ...result, dup: true })))
    expect(await bodies()).toEqual(['one', 'two'])
    expect(core.heard(bob.user, conv)).toEqual(await log())
  })

  it('of the first part, with new messages behind it, stores the new ones only', async () => {
    const [one, two, three] = [core.draft('one'), core.draft('two'), core.draft('three')]
    await postMessages(core, ann, { conv, messages: [one, two] })
    const { results } = await postMessages(core, ann, { conv, messages: [one, two, three] })
    expect(results.map((result) => result.ok && [result.seq, result.dup ?? false])).toEqual([
      [1, true],
      [2, true],
      [3, false],
    ])
  })

  it('inside one batch is the same message', async () => {
    const one = core.draft('one')
    const { results } = await postMessages(core, ann, { conv, messages: [one, one] })
    expect(results.map((result) => result.ok && result.seq)).toEqual([1, 1])
    expect(await bodies()).toEqual(['one'])
  })

  it('a hundred times at once stores one', async () => {
    const messages = [core.draft('once')]
    const all = await Promise.all(Array.from({ length: 100 }, () => postMessages(core, ann, { conv, messages })))
    expect(new Set(all.map(({ results }) => results[0]!.ok && results[0]!.id)).size).toBe(1)
    expect(all.filter(({ results }) => results[0]!.ok && !results[0]!.dup)).toHaveLength(1)
    expect(await bodies()).toEqual(['once'])
  })

  it('with another text or in another conversation is a conflict that tells nothing', async () => {
    const clientId = core.clientId()
    const other = await createGroup(core, ann, { name: 'Other', members: [] })
    await postMessages(core, ann, { conv, messages: [core.draft('one', { clientId })] })
    core.notices.length = 0
    const conflict = { results: [{ clientId, ok: false, code: 'E_ID_CONFLICT' }] }
    expect(await postMessages(core, ann, { conv, messages: [core.draft('another', { clientId })] })).toEqual(conflict)
    expect(await postMessages(core, ann, { conv: other.id, messages: [core.draft('one', { clientId })] })).toEqual(conflict)
    expect(core.notices).toEqual([])
  })

  it("of somebody else's client id is a message of one's own", async () => {
    const clientId = core.clientId()
    await postMessages(core, ann, { conv, messages: [core.draft('hers', { clientId })] })
    const { results } = await postMessages(core, bob, { conv, messages: [core.draft('his', { clientId })] })
    expect(results).toMatchObject([{ ok: true, seq: 2 }])
    expect(results[0]).not.toHaveProperty('dup')
  })

  it('of a message that was purged is answered as gone', async () => {
    const messages = [core.draft('old')]
    const { results } = await postMessages(core, ann, { conv, messages })
    await core.store.transact((tx) => tx.purge(conv, 1))
    expect((await postMessages(core, ann, { conv, messages })).results).toEqual([{ ...results[0], dup: true, gone: true }])
    expect((await post(ann, 'new')).results).toMatchObject([{ ok: true, seq: 2 }])
  })
})

describe('a refusal', () => {
  it('of one message lets the others through', async () => {
    const { results } = await post(ann, 'one', '   \n', 'x'.repeat(BODY_MAX_GRAPHEMES + 1), 'nul\0', '\ud800', 'two')
    expect(results.map((result) => (result.ok ? result.seq : result.code))).toEqual([1, 'E_INVALID', 'E_TOO_BIG', 'E_INVALID', 'E_INVALID', 2])
    expect(await bodies()).toEqual(['one', 'two'])
  })

  it('meets replies to what is not in this conversation', async () => {
    const { results } = await post(ann, 'one')
    const id = (results[0]!.ok && results[0]!.id) as MessageId
    const other = await createGroup(core, ann, { name: 'Other', members: [] })
    const reply = (to: ConversationId, replyTo: MessageId) => postMessages(core, ann, { conv: to, messages: [core.draft('re', { replyTo })] })
    expect((await reply(conv, id)).results).toMatchObject([{ ok: true }])
    expect((await reply(other.id, id)).results).toMatchObject([{ ok: false, code: 'E_NOT_FOUND' }])
    expect((await reply(conv, core.unknownConversation() as string as MessageId)).results).toMatchObject([{ ok: false, code: 'E_NOT_FOUND' }])
  })

  it('meets strangers, other tenants, conversations that are not, and people without the permission', async () => {
    const eve = await core.person('Eve')
    const far = await core.person('Far', 'elsewhere')
    await expect(post(eve, 'hi')).rejects.toMatchObject({ code: 'E_NOT_MEMBER' })
    await expect(post(far, 'hi')).rejects.toMatchObject({ code: 'E_NOT_FOUND' })
    await expect(postMessages(core, ann, { conv: core.unknownConversation(), messages: [core.draft('hi')] })).rejects.toMatchObject({
      code: 'E_NOT_FOUND',
    })
    await expect(post({ ...ann, permissions: [] }, 'hi')).rejects.toMatchObject({ code: 'E_FORBIDDEN' })
    expect(await log()).toEqual([])
  })
})

describe('removal', () => {
  it('still answers for messages that got in before it, and refuses the rest', async () => {
    conv = (await createGroup(core, ann, { name: 'G', members: [bob.user] })).id
    const stored = core.draft('in time')
    await postMessages(core, bob, { conv, messages: [stored] })
    await removeMember(core, ann, { conv, user: bob.user })
    const late = core.draft('too late')
    expect((await postMessages(core, bob, { conv, messages: [stored, late] })).results).toMatchObject([
      { ok: true, dup: true },
      { clientId: late.clientId, ok: false, code: 'E_NOT_MEMBER' },
    ])
    await expect(postMessages(core, bob, { conv, messages: [late] })).rejects.toMatchObject({ code: 'E_NOT_MEMBER' })
  })

  it('against a send, a thousand times: stored before it, or refused, and nothing heard after it', async () => {
    const outcomes = { stored: 0, refused: 0 }
    async function race(i: number) {
      const group = (await createGroup(core, ann, { name: `race ${i}`, members: [bob.user] })).id
      const sending = postMessages.bind(undefined, core, bob, { conv: group, messages: [core.draft('first'), core.draft('second')] })
      const removing = () => (i % 2 ? removeMember(core, ann, { conv: group, user: bob.user }) : leave(core, bob, { conv: group }))
      const both = i % 3 === 0 ? [removing(), sending()] : [sending(), removing()]
      const [[sent]] = await Promise.all([
        Promise.allSettled(i % 3 === 0 ? both.toReversed() : both),
        postMessages(core, ann, { conv: group, messages: [core.draft('other')] }),
      ])
      if (sent!.status === 'rejected') expect(sent!.reason).toMatchObject({ code: 'E_NOT_MEMBER' })
      const outcome = sent!.status === 'fulfilled' ? 'stored' : 'refused'
      outcomes[outcome]++

      const events = await core.store.read((tx) => tx.events(group, 0, 100))
      expect(events.map((event) => event.rev)).toEqual(events.map((_, k) => k + 1))
      const left = events.find((event) => event.kind === 'leave')!.rev
      const his = events.filter((event) => 'message' in event && event.message.sender === bob.user)
      expect(his).toHaveLength(outcome === 'stored' ? 2 : 0)
      expect(his.every((event) => event.rev < left)).toBe(true)
      expect(Math.max(...core.heard(bob.user, group).map((event) => event.rev))).toBe(left)
      await expect(pull(core, bob, { conv: group, from: 1 })).rejects.toMatchObject({ code: 'E_NOT_MEMBER' })
    }
    for (let round = 0; round < 20; round++) {
      core.notices.length = 0
      await Promise.all(Array.from({ length: 50 }, (_, i) => race(round * 50 + i)))
    }
    expect(outcomes.stored + outcomes.refused).toBe(1000)
    expect(outcomes.stored).toBeGreaterThan(100)
    expect(outcomes.refused).toBeGreaterThan(100)
  })
})

it('messages of one sender stand in the order they were sent, however many conversations and senders there are', async () => {
  const sent = await Promise.all(
    Array.from({ length: 20 }, (_, batch) =>
      postMessages(core, batch % 2 ? ann : bob, { conv, messages: [core.draft(`${batch}a`), core.draft(`${batch}b`)] }),
    ),
  )
  expect(sent.flatMap(({ results }) => results.map((result) => result.ok && result.seq))).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
  expect(core.heard(bob.user, conv).map((event) => event.rev)).toEqual(Array.from({ length: 40 }, (_, i) => i + 1))
})
