import { beforeEach, describe, expect, it } from 'vitest'
import type { ConversationId } from '#protocol/ids.ts'
import { addMembers, createGroup } from '#server/domain/conversations.ts'
import type { Core, Notice } from '#server/domain/core.ts'
import { removeMember } from '#server/domain/leaving.ts'
import { postMessages } from '#server/domain/postMessages.ts'
import { TIMING } from '#server/edge/timing.ts'
import { openTestCore, type TestCore } from '#server/testing/testCore.ts'
import { virtualClock, type VirtualClock } from '#testing/virtualClock.ts'
import type { Bus } from './bus.ts'
import { openFanOut } from './fanOut.ts'

type Person = Awaited<ReturnType<TestCore['person']>>

/** The longest pause between two polls. */
const FOUND_WITHIN_MS = 2_400
/** Longer than anything is remembered. */
const LONG_MS = 30_000

let rules: TestCore
let clock: VirtualClock
let ann: Person
let bob: Person
let conv: ConversationId
/** What the bus does to the next notice: after how many milliseconds each copy of it arrives. */
let carry: (notice: Notice) => number[]
const ears = new Set<(notice: Notice) => void>()

beforeEach(async () => {
  ears.clear()
  rules = await openTestCore()
  clock = virtualClock(rules.now(), () => new Promise((resolve) => setImmediate(resolve)))
  ann = await rules.person('Ann')
  bob = await rules.person('Bob')
  conv = await aGroup('G')
  carry = () => [5]
  await clock.advance(LONG_MS)
})

const aGroup = async (name: string) => (await createGroup(rules, ann, { name, members: [bob.user] })).id // rev 2: two joins

const busFor = (): Bus => {
  let mine: (notice: Notice) => void
  return {
    publish: (notice) => {
      for (const ear of ears) if (ear !== mine) for (const ms of carry(notice)) clock.after(ms, () => ears.has(ear) && ear(notice))
    },
    subscribe: (ear) => {
      ears.add((mine = ear))
      return () => void ears.delete(ear)
    },
  }
}

/** A node and what the connections of that node were told, with the time of telling. */
function openNode(store = rules.store, random = () => 0.999) {
  const told: { at: number; notice: Notice }[] = []
  const failures: unknown[] = []
  const fanOut = openFanOut({
    store,
    now: clock.now,
    after: clock.after,
    random,
    tell: (notice) => void told.push({ at: clock.now(), notice }),
    bus: busFor(),
    timing: TIMING,
    failed: (error) => void failures.push(error),
  })
  const core: Core = { ...rules, now: clock.now, publish: fanOut.publish }
  return {
    told,
    failures,
    core,
    close: fanOut.close,
    says: (body: string, to = conv) => postMessages(core, ann, { conv: to, messages: [rules.draft(body)] }),
    revs: (of = conv) => told.flatMap(({ notice }) => (notice.kind === 'log' && notice.conv === of ? notice.events.map((event) => event.rev) : [])),
    heads: (of = conv) => told.flatMap(({ notice }) => (notice.kind === 'head' && notice.conv === of ? [notice] : [])),
    /** When this node first told that the log reaches that far, in events or by a head. */
    knewOf: (rev: number, of = conv) =>
      told.find(({ notice }) =>
        notice.kind === 'log'
          ? notice.conv === of && notice.events.at(-1)!.rev >= rev
          : notice.kind === 'head' && notice.conv === of && notice.rev >= rev,
      )?.at,
  }
}

describe('what one node commits', () => {
  it('is told there at once and on the others by the bus, and where all was told nobody is sent to look', async () => {
    const [here, there] = [openNode(), openNode()]
    for (const body of ['one', 'two', 'three']) {
      await here.says(body)
      await clock.advance(700)
    }
    expect(here.revs()).toEqual([3, 4, 5])
    expect(there.revs()).toEqual([3, 4, 5])
    await clock.advance(LONG_MS)
    for (const node of [here, there]) expect(node.told).toHaveLength(3)
  })

  it('is found by the others within a poll when the bus loses it and silence follows, once, with the place the log has reached', async () => {
    const [here, there] = [openNode(), openNode()]
    carry = () => []
    await here.says('lost')
    await clock.advance(FOUND_WITHIN_MS)
    const { rev, h } = (await rules.store.read((tx) => tx.conversation(conv)))!
    const [head, ...more] = there.heads()
    expect(head).toMatchObject({ kind: 'head', conv, rev, h })
    expect(head!.recipients.toSorted()).toEqual([ann.user, bob.user].toSorted())
    expect(more).toEqual([])
    await clock.advance(LONG_MS)
    expect(there.told).toHaveLength(1)
    expect(here.heads()).toEqual([])
  })

  it('is found wherever the polls stand when it happens, and however they are spread', async () => {
    let pick = 0
    const [here, there] = [openNode(), openNode(rules.store, () => (pick = (pick + 0.37) % 1))]
    carry = () => []
    for (let n = 0; n < 60; n++) {
      await clock.advance(137)
      const committedAt = clock.now()
      const { results } = await here.says(`${n}`)
      const { rev } = results[0] as { rev: number }
      if (n % 3 === 0) {
        await clock.advance(FOUND_WITHIN_MS)
        expect(there.knewOf(rev)! - committedAt).toBeLessThanOrEqual(FOUND_WITHIN_MS)
      }
    }
  })

  it('is found also when a later notice arrives, which alone is no proof that all before it did', async () => {
    const [here, there] = [openNode(), openNode()]
    await here.says('arrives')
    await clock.advance(10)
    carry = () => []
    await here.says('lost')
    carry = () => [5]
    await here.says('arrives again')
    await clock.advance(FOUND_WITHIN_MS)
    expect(there.revs()).toEqual([3, 5])
    expect(there.heads()).toMatchObject([{ rev: 5 }])
  })

  it('is found when its node died before it told anybody, and whoever sent it never comes back', async () => {
    const [dying, other] = [openNode(), openNode()]
    dying.close()
    await postMessages({ ...dying.core, publish: () => {} }, ann, { conv, messages: [rules.draft('last words')] })
    const restarted = openNode()
    await clock.advance(FOUND_WITHIN_MS)
    for (const node of [other, restarted]) expect(node.heads()).toMatchObject([{ rev: 3 }])
  })

  it('goes to those who are members when it is found', async () => {
    const [here, there] = [openNode(), openNode()]
    const cleo = await rules.person('Cleo')
    carry = () => []
    await addMembers(here.core, ann, { conv, users: [cleo.user] })
    await removeMember(here.core, ann, { conv, user: bob.user })
    await clock.advance(FOUND_WITHIN_MS)
    expect(there.heads().map(({ recipients }) => recipients.toSorted())).toEqual([[ann.user, cleo.user].toSorted()])
  })
})

describe('a bus', () => {
  it('that loses everything keeps nobody in the dark for longer than a poll, in any conversation, and no head names what was not committed', async () => {
    const nodes = [openNode(), openNode(), openNode()] as const
    const convs = [conv, await aGroup('H'), await aGroup('I')]
    carry = () => []
    const committed: { conv: ConversationId; rev: number; at: number }[] = []
    for (let n = 0; n < 90; n++) {
      const to = convs[n % convs.length]!
      const { results } = await nodes[(n * 7) % 3]!.says(`${n}`, to)
      committed.push({ conv: to, rev: (results[0] as { rev: number }).rev, at: clock.now() })
      await clock.advance((n * 83) % 300)
    }
    await clock.advance(FOUND_WITHIN_MS)
    for (const node of nodes) {
      for (const { conv: to, rev, at } of committed) expect(node.knewOf(rev, to)! - at, `rev ${rev}`).toBeLessThanOrEqual(FOUND_WITHIN_MS)
      for (const to of convs) expect(Math.max(...node.heads(to).map(({ rev }) => rev))).toBeLessThanOrEqual(32)
      const found = node.told.length
      await clock.advance(LONG_MS)
      expect(node.told).toHaveLength(found)
    }
  })

  it('that tells everything twice sends nobody to look', async () => {
    const [here, there] = [openNode(), openNode()]
    carry = () => [5, 900]
    for (const body of ['one', 'two', 'three']) {
      await here.says(body)
      await clock.advance(300)
    }
    await clock.advance(LONG_MS)
    expect(there.revs().toSorted((a, b) => a - b)).toEqual([3, 3, 4, 4, 5, 5])
    expect(there.heads()).toEqual([])
  })

  it('that lets notices overtake each other loses none, and sends people to look once at most', async () => {
    const [here, there] = [openNode(), openNode()]
    let n = 0
    carry = () => [n++ % 2 === 0 ? 400 : 5]
    for (let sent = 0; sent < 10; sent++) {
      await here.says(`${sent}`)
      await clock.advance(50)
    }
    await clock.advance(LONG_MS)
    expect(there.revs()).not.toEqual(there.revs().toSorted((a, b) => a - b))
    expect(there.revs().toSorted((a, b) => a - b)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    expect(there.heads().length).toBeLessThanOrEqual(1)
    expect(here.heads()).toEqual([])
  })
})

describe('a node', () => {
  it('goes on looking after the database could not be asked, and says so', async () => {
    let isAway = true
    const store: Core['store'] = { ...rules.store, read: (work) => (isAway ? Promise.reject(new Error('away')) : rules.store.read(work)) }
    const [here, there] = [openNode(), openNode(store)]
    carry = () => []
    await here.says('lost')
    await clock.advance(2 * FOUND_WITHIN_MS)
    expect(there.failures).toEqual([new Error('away'), new Error('away')])
    expect(there.heads()).toEqual([])
    isAway = false
    await clock.advance(FOUND_WITHIN_MS)
    expect(there.heads()).toMatchObject([{ rev: 3 }])
  })

  it('that could not ask for longer than the window looks further back when it can', async () => {
    let isAway = false
    const store: Core['store'] = { ...rules.store, read: (work) => (isAway ? Promise.reject(new Error('away')) : rules.store.read(work)) }
    const [here, there] = [openNode(), openNode(store)]
    carry = () => []
    await here.says('lost')
    isAway = true
    await clock.advance(TIMING.HEAD_POLL_WINDOW_MS + FOUND_WITHIN_MS)
    isAway = false
    await clock.advance(LONG_MS)
    expect(there.heads()).toMatchObject([{ rev: 3 }])
  })

  it('that is closed looks and listens no more', async () => {
    const [here, there] = [openNode(), openNode()]
    there.close()
    await here.says('unheard')
    await clock.advance(LONG_MS)
    expect(there.told).toEqual([])
    here.close()
    expect(clock.pending()).toBe(0)
    expect(ears.size).toBe(0)
  })
})
