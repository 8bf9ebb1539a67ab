import type { AnswerOf } from '#protocol/events.ts'
import { beforeEach, describe, expect, it } from 'vitest'
import { PAGE_MAX, PULL_RESET_BEYOND, RESET_MESSAGES } from '#protocol/limits.ts'
import { CHAIN_START, LOBBY, type ConversationId, type MessageId } from '#protocol/ids.ts'
import type { Position } from '#protocol/sync.ts'
import { headsFor, historyPage, pull, userEventsAfter } from './catchUp.ts'
import { addMembers, createGroup, rename } from './conversations.ts'
import { openDirect } from './directs.ts'
import { removeMember } from './leaving.ts'
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
  conv = (await createGroup(core, ann, { name: 'G', members: [bob.user] })).id // rev 2: two joins
})

async function post(count: number, who = ann, body = 'text') {
  for (let left = count; left > 0; left -= 20)
    await postMessages(core, who, { conv, messages: Array.from({ length: Math.min(left, 20) }, () => core.draft(body)) })
}
const positionOf = async (id = conv): Promise<Position> => {
  const { rev, h, marksRev } = (await core.store.read((tx) => tx.conversation(id)))!
  return [rev, h, marksRev]
}
const events = (answer: AnswerOf<'sync:pull'>) => ('events' in answer ? answer.events : expect.fail('a reset'))
const reset = (answer: AnswerOf<'sync:pull'>) => ('reset' in answer ? answer.reset : expect.fail('no reset'))
const revs = (list: { rev: number }[]) => list.map((each) => each.rev)
const upTo = (n: number, from = 1) => Array.from({ length: n - from + 1 }, (_, i) => from + i)

describe('heads', () => {
  it('name everything to a client that knows nothing, with its facts, the newest first', async () => {
    core.advance(10)
    const direct = await openDirect(core, ann, { user: bob.user })
    const answer = await headsFor(core, bob, { convs: {} })
    expect(Object.keys(answer.heads)).toEqual([direct.id, conv, LOBBY])
    expect(answer).toMatchObject({ left: [], diverged: [], urev: 2 })
    const [rev, h, marksRev] = await positionOf()
    expect(answer.heads[conv]).toEqual({
      rev,
      h,
      marksRev,
      seq: 0,
      facts: {
        id: conv,
        kind: 'group',
        name: 'G',
        createdAt: core.now() - 10,
        role: 'member',
        delivered: 0,
        read: 0,
        visibleFrom: 0,
        memberCount: 2,
        members: [
          { id: ann.user, name: 'Ann', isGuest: true, role: 'owner', delivered: 0, read: 0, since: 0 },
          { id: bob.user, name: 'Bob', isGuest: true, role: 'member', delivered: 0, read: 0, since: 0 },
        ],
      },
    })
  })

  it('leave out what the client has, and notice a new event or a mark', async () => {
    const position = await positionOf()
    const ask = async () => Object.keys((await headsFor(core, bob, { convs: { [conv]: position, [LOBBY]: await positionOf(LOBBY) } })).heads)
    expect(await ask()).toEqual([])
    await post(1)
    expect(await ask()).toEqual([conv])
    position.splice(0, 3, ...(await positionOf()))
    expect(await ask()).toEqual([])
    await mark(core, ann, { conv, read: 1 })
    expect(await ask()).toEqual([conv])
  })

  it('name as left what the person is no member of, or never was', async () => {
    const position = await positionOf()
    await removeMember(core, ann, { conv, user: bob.user })
    const elsewhere = core.unknownConversation()
    const answer = await headsFor(core, bob, { convs: { [conv]: position, [elsewhere]: [1, CHAIN_START, 0] } })
    expect(answer.left.toSorted()).toEqual([conv, elsewhere].toSorted())
    expect(answer.heads).not.toHaveProperty(conv)
  })

  it('name as diverged another past, and a future that is not ours, but not a past that was purged', async () => {
    await post(5)
    const [rev, h, marksRev] = await positionOf()
    const hashAt3 = (await core.store.read((tx) => tx.hashAt(conv, 3)))!
    const diverged = async (position: Position) => (await headsFor(core, bob, { convs: { [conv]: position } })).diverged
    expect(await diverged([rev, h, marksRev])).toEqual([])
    expect(await diverged([3, hashAt3, 0])).toEqual([])
    expect(await diverged([0, CHAIN_START, 0])).toEqual([])
    expect(await diverged([3, h, 0])).toEqual([conv])
    expect(await diverged([rev, hashAt3, marksRev])).toEqual([conv])
    expect(await diverged([rev + 1, h, 0])).toEqual([conv])
    await core.store.transact((tx) => tx.purge(conv, 4))
    expect(await diverged([3, hashAt3, 0])).toEqual([])
  })
})

describe('pull', () => {
  it('gives everything after a rev, in pages that join without a hole', async () => {
    await post(450)
    const all: number[] = []
    let from = 2
    for (;;) {
      const answer = await pull(core, bob, { conv, from })
      expect(answer).toMatchObject({ from, head: 452 })
      expect(events(answer).length).toBeLessThanOrEqual(PAGE_MAX)
      all.push(...revs(events(answer)))
      if (!('to' in answer) || answer.to === answer.head) break
      from = answer.to
    }
    expect(all).toEqual(upTo(452, 3))
    expect(revs(events(await pull(core, bob, { conv, from: 450, limit: 1 })))).toEqual([451])
    expect(await pull(core, bob, { conv, from: 452 })).toEqual({ from: 452, to: 452, head: 452, events: [] })
  })

  it('gives more at once to a client that says how much its line brings, but no more than a frame should hold', async () => {
    await post(190)
    const sizeOf = async (more: object) => events(await pull(core, bob, { conv, from: 2, ...more })).length
    expect(await sizeOf({ bytes: 32 * 1024 })).toBeGreaterThan(1.9 * (await sizeOf({})))
    expect(await sizeOf({ bytes: 100_000 })).toBe(190)
    await post(20, ann, 'x'.repeat(20_000))
    const answer = await pull(core, bob, { conv, from: 192, bytes: 1_000_000_000 })
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(130 * 1024)
  })

  it('from nothing gives the newest page, its notes and the facts', async () => {
    await post(70)
    await rename(core, ann, { conv, name: 'H' })
    const answer = reset(await pull(core, bob, { conv, from: 0 }))
    expect(answer.messages.map((message) => message.seq)).toEqual(upTo(70, 70 - RESET_MESSAGES + 1))
    expect(answer).toMatchObject({ rev: 73, seq: 70, notes: [{ kind: 'meta', name: 'H', afterSeq: 70 }], facts: { name: 'H', role: 'member' } })
    expect([answer.rev, answer.h, answer.marksRev]).toEqual(await positionOf())
  })

  it('of a short conversation from nothing shows its beginning, joins included', async () => {
    await post(1)
    expect(reset(await pull(core, bob, { conv, from: 0 })).notes.map((note) => note.kind)).toEqual(['join', 'join'])
  })

  it('starts anew when the client is too far behind, ahead, behind a purge, or behind a hole', async () => {
    await post(PULL_RESET_BEYOND + 10)
    const head = PULL_RESET_BEYOND + 12
    expect(await pull(core, bob, { conv, from: 11 })).toHaveProperty('reset')
    expect(await pull(core, bob, { conv, from: 12 })).toHaveProperty('events')
    expect(await pull(core, bob, { conv, from: head + 1 })).toHaveProperty('reset')
    await core.store.transact((tx) => tx.purge(conv, 500)) // up to rev 502
    expect(await pull(core, bob, { conv, from: 501 })).toHaveProperty('reset')
    expect(await pull(core, bob, { conv, from: 502 })).toHaveProperty('events')
  })

  it('is for members', async () => {
    const eve = await core.person('Eve')
    const far = await core.person('Far', 'elsewhere')
    await expect(pull(core, eve, { conv, from: 0 })).rejects.toMatchObject({ code: 'E_NOT_MEMBER' })
    await expect(pull(core, far, { conv, from: 0 })).rejects.toMatchObject({ code: 'E_NOT_FOUND' })
    await expect(historyPage(core, eve, { conv, at: { beforeSeq: 9 }, limit: 5 })).rejects.toMatchObject({ code: 'E_NOT_MEMBER' })
    expect((await headsFor(core, far, { convs: { [conv]: await positionOf() } })).left).toEqual([conv])
  })
})

describe('every answer', () => {
  /** What comes down a very slow line (20 kbit/s) in the 8 s a client waits, less a second for the way there and back. */
  const IN_TIME_BYTES = 2_500 * 7
  const bytesOf = (answer: object) => Buffer.byteLength(JSON.stringify(answer))
  const arrivesInTime = (answer: object) => expect(bytesOf(answer)).toBeLessThan(IN_TIME_BYTES)
  const seqs = (page: { messages: { seq: number }[] }) => page.messages.map(({ seq }) => seq)

  describe.each([
    ['long texts', 'x'.repeat(4000), 12],
    ['texts of few but heavy characters', '文'.repeat(4000), 6],
    ['texts of characters that take six bytes each on the wire', '\u0001'.repeat(1000), 10],
    ['many short texts', 'ok', PAGE_MAX],
  ])('of %s comes down a very slow line in time', (_, text, messages) => {
    beforeEach(() => post(messages, ann, text))

    it('to who catches up, page by page', async () => {
      const pages = []
      for (let from = 2; from < messages + 2; from += pages.at(-1)!.length) {
        const answer = await pull(core, bob, { conv, from })
        arrivesInTime(answer)
        pages.push(events(answer))
      }
      expect(pages.flatMap(revs)).toEqual(upTo(messages + 2, 3))
      // and is not cut for nothing: another one like it would be too much
      for (const page of pages.slice(0, -1)) expect(bytesOf([...page, page[0]])).toBeGreaterThan(16_000)
    })

    it('to somebody new', async () => {
      const answer = reset(await pull(core, bob, { conv, from: 0 }))
      arrivesInTime(answer)
      expect(seqs(answer)).toEqual(upTo(messages, messages - answer.messages.length + 1))
    })

    it('to who scrolls up to the start', async () => {
      const read: number[] = []
      for (let beforeSeq = messages + 1; beforeSeq > 1; beforeSeq = read[0]!) {
        const answer = await historyPage(core, bob, { conv, at: { beforeSeq }, limit: PAGE_MAX })
        arrivesInTime(answer)
        read.unshift(...seqs(answer))
        expect(answer.start).toBe(read[0] === 1)
      }
      expect(read).toEqual(upTo(messages))
    })

    it('to who scrolls down to the end, or looks at what is around', async () => {
      const read: number[] = []
      for (let afterSeq = 0; afterSeq < messages; afterSeq = read.at(-1)!) {
        const answer = await historyPage(core, bob, { conv, at: { afterSeq }, limit: PAGE_MAX })
        arrivesInTime(answer)
        read.push(...seqs(answer))
      }
      expect(read).toEqual(upTo(messages))
      const around = await historyPage(core, bob, { conv, at: { aroundSeq: messages >> 1 }, limit: PAGE_MAX })
      const [first, last] = [around.messages[0]!.seq, around.messages.at(-1)!.seq]
      expect(seqs(around)).toEqual(upTo(last, first))
      expect(first).toBeLessThan(messages >> 1)
      expect(last).toBeGreaterThanOrEqual(messages >> 1)
    })
  })

  it('comes down a very slow line in time where people come between the messages, and in a group of many', async () => {
    for (let n = 1; n <= 30; n++) {
      await addMembers(core, ann, { conv, users: [(await core.person(`Somebody ${n}`)).user] })
      await post(1)
    }
    const start = reset(await pull(core, bob, { conv, from: 0 }))
    arrivesInTime(start)
    const first = start.messages[0]!.seq
    expect(seqs(start)).toEqual(upTo(30, first))
    // one stands right after each message but the last
    expect(start.notes.map((note) => note.kind === 'join' && 'afterSeq' in note && note.afterSeq)).toEqual(upTo(29, first))
    const older = await historyPage(core, bob, { conv, at: { beforeSeq: 31 }, limit: PAGE_MAX })
    arrivesInTime(older)
    expect(older.messages.length).toBeGreaterThan(start.messages.length)
  })

  it('comes down a very slow line in time to somebody who was put into many groups and out again', async () => {
    const name = '文'.repeat(60)
    for (let n = 0; n < 50; n++) {
      const { id } = await createGroup(core, ann, { name, members: [bob.user] })
      await removeMember(core, ann, { conv: id, user: bob.user })
    }
    const urevs: number[] = []
    for (let from = 0; from < 101; from = urevs.at(-1)!) {
      const answer = await userEventsAfter(core, bob, { from })
      arrivesInTime(answer)
      expect(answer.urev).toBe(101)
      urevs.push(...answer.events.map(({ urev }) => urev))
    }
    expect(urevs).toEqual(upTo(101))
  })

  it('holds at least one event, however heavy', async () => {
    await post(2, ann, '🇳🇱'.repeat(4000))
    expect(revs(events(await pull(core, bob, { conv, from: 2 })))).toEqual([3])
  })
})

describe('somebody who joins a group', () => {
  let cy: Person
  beforeEach(async () => {
    cy = await core.person('Cy')
    await rename(core, ann, { conv, name: 'before' }) // rev 3
    await post(5) // rev 8
    await addMembers(core, ann, { conv, users: [cy.user] }) // rev 9
    await post(2) // rev 11
  })

  it('gets what comes from there on, and their own coming', async () => {
    const start = reset(await pull(core, cy, { conv, from: 0 }))
    expect(start.messages.map((message) => message.seq)).toEqual([6, 7])
    expect(start.notes).toMatchObject([{ kind: 'join', rev: 9, person: { name: 'Cy' } }])
    expect(start.facts).toMatchObject({ visibleFrom: 5, delivered: 5, read: 5 })
    expect(revs(events(await pull(core, cy, { conv, from: 9 })))).toEqual([10, 11])
    expect(await pull(core, cy, { conv, from: 7 })).toHaveProperty('reset')
  })

  it('finds nothing older in the history', async () => {
    for (const at of [{ beforeSeq: 6 }, { beforeSeq: 3 }, { afterSeq: 0 }, { aroundSeq: 2 }]) {
      const page = await historyPage(core, cy, { conv, at, limit: 50 })
      expect(page.messages.every((message) => message.seq > 5)).toBe(true)
      expect(page.notes.every((note) => note.rev >= 9)).toBe(true)
    }
    expect(await historyPage(core, cy, { conv, at: { beforeSeq: 6 }, limit: 50 })).toMatchObject({ messages: [], start: true })
  })

  it('and is removed and added again, starts at the new beginning', async () => {
    await removeMember(core, ann, { conv, user: cy.user }) // rev 12
    await post(3) // rev 15
    await addMembers(core, bob, { conv, users: [cy.user] }) // rev 16
    await post(1)
    const again = reset(await pull(core, cy, { conv, from: 11 }))
    expect(again.messages.map((message) => message.seq)).toEqual([11])
    expect(again.notes).toMatchObject([{ kind: 'join', rev: 16 }])
    expect(again.facts).toMatchObject({ delivered: 10, read: 10, visibleFrom: 10 })
  })
})

it('the lobby shows its whole history to everybody, and no line for each who comes', async () => {
  await postMessages(core, ann, { conv: LOBBY, messages: [core.draft('welcome')] })
  const cy = await core.person('Cy')
  const answer = reset(await pull(core, cy, { conv: LOBBY, from: 0 }))
  expect(answer).toMatchObject({
    rev: 1,
    seq: 1,
    messages: [{ body: 'welcome' }],
    notes: [],
    facts: { memberCount: 3, delivered: 1, read: 1, visibleFrom: 0 },
  })
})

describe('history', () => {
  beforeEach(async () => {
    await post(10)
    await rename(core, ann, { conv, name: 'ten' })
    await post(10)
  })
  const page = async (at: Parameters<typeof historyPage>[2]['at'], limit: number) => {
    const { messages, notes, start, rev } = await historyPage(core, bob, { conv, at, limit })
    expect(rev).toBe(23)
    return { seqs: messages.map((message) => message.seq), notes: notes.map((note) => note.kind), start }
  }

  it('pages backwards to the start, every note on one page', async () => {
    expect(await page({ beforeSeq: 21 }, 8)).toEqual({ seqs: upTo(20, 13), notes: [], start: false })
    expect(await page({ beforeSeq: 13 }, 8)).toEqual({ seqs: upTo(12, 5), notes: ['meta'], start: false })
    expect(await page({ beforeSeq: 5 }, 8)).toEqual({ seqs: [1, 2, 3, 4], notes: ['join', 'join'], start: true })
    expect(await page({ beforeSeq: 1 }, 8)).toEqual({ seqs: [], notes: ['join', 'join'], start: true })
  })

  it('pages forwards to the end', async () => {
    expect(await page({ afterSeq: 0 }, 9)).toEqual({ seqs: upTo(9), notes: ['join', 'join'], start: true })
    expect(await page({ afterSeq: 9 }, 9)).toEqual({ seqs: upTo(18, 10), notes: ['meta'], start: false })
    expect(await page({ afterSeq: 20 }, 9)).toEqual({ seqs: [], notes: [], start: false })
  })

  it('shows the surroundings of a message', async () => {
    expect(await page({ aroundSeq: 10 }, 6)).toEqual({ seqs: [7, 8, 9, 10, 11, 12], notes: ['meta'], start: false })
    expect((await page({ aroundSeq: 1 }, 4)).seqs).toEqual([1, 2, 3, 4])
    expect((await page({ aroundSeq: 20 }, 4)).seqs).toEqual([18, 19, 20])
  })

  it('shows the surroundings of a message that is known by its id alone', async () => {
    const { messages } = await historyPage(core, bob, { conv, at: { aroundSeq: 10 }, limit: 1 })
    expect(await page({ around: messages[0]!.id }, 6)).toEqual({ seqs: [7, 8, 9, 10, 11, 12], notes: ['meta'], start: false })
  })

  it('knows no message that is not there, is of another conversation, or from before somebody came', async () => {
    const { messages } = await historyPage(core, bob, { conv, at: { aroundSeq: 10 }, limit: 1 })
    await postMessages(core, ann, { conv: LOBBY, messages: [core.draft('elsewhere')] })
    const [elsewhere] = reset(await pull(core, ann, { conv: LOBBY, from: 0 })).messages
    const cy = await core.person('Cy')
    await addMembers(core, ann, { conv, users: [cy.user] })
    const asked = (who: Person, around: MessageId) => historyPage(core, who, { conv, at: { around }, limit: 5 })
    for (const asking of [asked(bob, core.newId() as MessageId), asked(bob, elsewhere!.id), asked(cy, messages[0]!.id)])
      await expect(asking).rejects.toMatchObject({ code: 'E_NOT_FOUND' })
  })

  it('knows where it starts after a purge', async () => {
    await core.store.transact((tx) => tx.purge(conv, 12))
    expect(await page({ beforeSeq: 16 }, 9)).toEqual({ seqs: [13, 14, 15], notes: [], start: true })
  })
})

it("a person's own log reads on from where they are", async () => {
  await removeMember(core, ann, { conv, user: bob.user })
  expect(await userEventsAfter(core, bob, { from: 0 })).toEqual({
    events: [
      { kind: 'conv.added', conv, urev: 1 },
      { kind: 'conv.removed', conv, name: 'G', by: ann.user, urev: 2 },
    ],
    urev: 2,
  })
  expect(await userEventsAfter(core, bob, { from: 2 })).toEqual({ events: [], urev: 2 })
})

describe('an absence', () => {
  it('of days misses nothing: the log has no age', async () => {
    await post(3)
    const [from] = await positionOf()
    for (let day = 0; day < 5; day++) {
      await post(4, ann, `day ${day}`)
      core.advance(25 * 3_600_000)
    }
    const answer = await pull(core, bob, { conv, from })
    expect(revs(events(answer))).toEqual(upTo(from + 20, from + 1))
    expect((await headsFor(core, bob, { convs: {} })).heads[conv]?.rev).toBe(from + 20)
  })
})
