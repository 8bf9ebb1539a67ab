import { beforeEach, describe, expect, it } from 'vitest'
import { LOBBY, type ConversationId, type MessageId, type OperationId } from '#protocol/ids.ts'
import { SEARCH_PAGE } from '#protocol/limits.ts'
import type { SearchQuery } from '#protocol/search.ts'
import { openTestCore, type TestCore } from '#server/testing/testCore.ts'
import { applyOperation } from './applyOperation.ts'
import { addMembers, createGroup } from './conversations.ts'
import type { Identity } from './core.ts'
import { leave } from './leaving.ts'
import { postMessages } from './postMessages.ts'
import { searchMessages } from './search.ts'

let core: TestCore
let ann: Identity
let bob: Identity
let crew: ConversationId
beforeEach(async () => {
  core = await openTestCore()
  ;[ann, bob] = [await core.person('Ann'), await core.person('Bob')]
  crew = (await createGroup(core, ann, { name: 'Crew', members: [bob.user] })).id
})

const writes = async (who: Identity, body: string, conv = crew) => {
  const draft = core.draft(body)
  await postMessages(core, who, { conv, messages: [draft] })
  return { clientId: draft.clientId, sender: who.user }
}
const finds = async (who: Identity, q: string, more: Partial<SearchQuery> = {}) =>
  (await searchMessages(core, who, { q, ...more })).messages.map(({ body }) => body)
const change = (who: Identity, what: { kind: 'edit'; body: string } | { kind: 'delete' }, target: Awaited<ReturnType<typeof writes>>) =>
  applyOperation(core, who, { conv: crew, operation: { ...what, opId: core.newId() as OperationId, target } })

describe('a search for messages', () => {
  it('finds them in every conversation of the person, the newest first', async () => {
    await writes(ann, 'The boat leaves at nine')
    await writes(bob, 'Which boat?', LOBBY)
    await writes(bob, 'I am late')
    expect(await finds(ann, 'boat')).toEqual(['Which boat?', 'The boat leaves at nine'])
    expect(await finds(ann, 'boat nine')).toEqual(['The boat leaves at nine'])
    expect(await finds(ann, 'boat car')).toEqual([])
  })

  it('can be narrowed to a conversation, to who wrote it, and to a time', async () => {
    await writes(ann, 'boat one')
    await writes(bob, 'boat two')
    await writes(bob, 'boat three', LOBBY)
    expect(await finds(ann, 'boat', { in: crew })).toEqual(['boat two', 'boat one'])
    expect(await finds(ann, 'boat', { from: bob.user })).toEqual(['boat three', 'boat two'])
    expect(await finds(ann, 'boat', { in: crew, from: bob.user })).toEqual(['boat two'])
    const { messages } = await searchMessages(core, ann, { q: 'boat' })
    const [three, , one] = messages.map(({ at }) => at)
    expect(await finds(ann, 'boat', { before: one! })).toEqual([])
    expect(await finds(ann, 'boat', { after: three! + 1 })).toEqual([])
    expect(await finds(ann, 'boat', { after: one!, before: three! + 1 })).toHaveLength(3)
  })

  it('finds what a message says now, and nothing of one that was deleted', async () => {
    const message = await writes(ann, 'meet at the harbour')
    await change(ann, { kind: 'edit', body: 'meet at the station' }, message)
    expect(await finds(bob, 'harbour')).toEqual([])
    expect(await finds(bob, 'station')).toEqual(['meet at the station'])
    await change(ann, { kind: 'delete' }, message)
    expect(await finds(bob, 'station')).toEqual([])
  })

  it('finds nothing that the person may not see', async () => {
    const { id: secret } = await createGroup(core, bob, { name: 'Secret', members: [] })
    await writes(bob, 'a boat nobody knows', secret)
    expect(await finds(ann, 'boat')).toEqual([])
    expect(await finds(ann, 'boat', { in: secret })).toEqual([])
    await addMembers(core, bob, { conv: secret, users: [ann.user] })
    const before = await finds(ann, 'boat')
    await writes(bob, 'the boat again', secret)
    expect(await finds(ann, 'boat')).toEqual(['the boat again', ...before])
    expect(before).toEqual([])
    await leave(core, ann, { conv: secret })
    expect(await finds(ann, 'boat')).toEqual([])
    expect(await finds(await core.person('Eve', 'other'), 'boat')).toEqual([])
  })

  it('comes in pages without a gap, and says nothing of what was there before somebody came', async () => {
    for (let n = 0; n < 2 * SEARCH_PAGE + 5; n++) await writes(bob, `boat ${n}`)
    const cat = await core.person('Cat')
    await addMembers(core, ann, { conv: crew, users: [cat.user] })
    expect(await searchMessages(core, cat, { q: 'boat' })).toEqual({ messages: [], until: null })
    for (let n = 0; n < SEARCH_PAGE; n++) await writes(bob, `boat again ${n}`)
    expect(await searchMessages(core, cat, { q: 'boat' })).toMatchObject({ messages: { length: SEARCH_PAGE }, until: null })

    const all: string[] = []
    let until: MessageId | undefined
    do {
      const page = await searchMessages(core, ann, { q: 'boat', until })
      all.push(...page.messages.map(({ body }) => body))
      until = page.until ?? undefined
    } while (until !== undefined)
    expect(all).toEqual([
      ...Array.from({ length: SEARCH_PAGE }, (_, n) => `boat again ${SEARCH_PAGE - 1 - n}`),
      ...Array.from({ length: 2 * SEARCH_PAGE + 5 }, (_, n) => `boat ${2 * SEARCH_PAGE + 4 - n}`),
    ])
  })

  it('is answered in pieces that are not too long', async () => {
    for (let n = 0; n < 8; n++) await writes(bob, `boat ${n} ${'and so on '.repeat(390)}`)
    const { messages, until } = await searchMessages(core, ann, { q: 'boat' })
    expect(messages).toHaveLength(3)
    expect((await searchMessages(core, ann, { q: 'boat', until: until! })).messages.map(({ body }) => body.slice(0, 6))).toEqual([
      'boat 4',
      'boat 3',
      'boat 2',
    ])
  })

  it('takes everything that can be typed for words', async () => {
    await writes(ann, 'body : "x" OR conv NEAR(a, b) ^c -d {e}')
    for (const q of ['body', 'or', '"conv near"', 'OR conv*', 'x" "OR conv', '-d', '^c', '{e}', "'; DROP TABLE words; --"])
      expect(await finds(ann, q), q).toHaveLength(q.includes('DROP') ? 0 : 1)
  })
})
