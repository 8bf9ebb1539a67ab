import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CHAIN_START, type ConversationId } from '#protocol/ids.ts'
import { messageAfter, type LogEvent, type UnknownEvent } from '#protocol/log.ts'
import type { ChatMessage, Operation } from '#protocol/message.ts'
import { applyOperation } from './applyOperation.ts'
import { asSeenBy } from './asSeenBy.ts'
import { headsFor, historyPage, pull } from './catchUp.ts'
import { addMembers, createGroup, rename } from './conversations.ts'
import { removeMember } from './leaving.ts'
import { postMessages } from './postMessages.ts'
import { openTestCore, type TestCore } from '#server/testing/testCore.ts'

type Person = Awaited<ReturnType<TestCore['person']>>

/** One thing somebody does; numbers choose who and what, modulo what there is. */
const act = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('post' as const),
      who: fc.nat(3),
      bodies: fc.array(fc.string({ minLength: 1, unit: 'grapheme' }), { minLength: 1, maxLength: 4 }),
      again: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('change' as const),
      who: fc.nat(3),
      message: fc.nat(),
      kind: fc.constantFrom('edit', 'edit', 'edit', 'delete', 'react', 'unreact'),
      text: fc.constantFrom('👍', '🎉'),
      again: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('join' as const), who: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), who: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rename' as const), who: fc.nat(3), name: fc.constantFrom('A', 'B') }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('purge' as const), share: fc.nat(9) }) },
)
type Act = typeof act extends fc.Arbitrary<infer A> ? A : never

/** A client's view of a conversation: what it pulled, applied in order. */
type View = { rev: number; messages: Map<string, ChatMessage> }

function apply(view: View, event: LogEvent | UnknownEvent) {
  expect(event.rev).toBe(view.rev + 1)
  view.rev = event.rev
  if (event.kind === 'new' && 'message' in event) view.messages.set(event.message.id, event.message)
  else if ('messageId' in event) {
    const message = view.messages.get(event.messageId)
    if (message) view.messages.set(message.id, messageAfter(message, event))
  }
}

async function catchUp(core: TestCore, who: Person, conv: ConversationId, view: View) {
  for (;;) {
    const answer = await pull(core, who, { conv, from: view.rev, limit: 3 })
    if ('reset' in answer) {
      view.rev = answer.reset.rev
      // Whatever the reset does not carry comes from history, as it would on a client.
      view.messages = new Map((await wholeHistory(core, who, conv)).map((message) => [message.id, message]))
      return
    }
    expect(answer.from).toBe(view.rev)
    for (const event of answer.events) apply(view, event)
    expect(answer.to).toBe(view.rev)
    if (answer.to === answer.head) return
  }
}

async function wholeHistory(core: TestCore, who: Person, conv: ConversationId): Promise<ChatMessage[]> {
  const all: ChatMessage[] = []
  for (let beforeSeq = 1e9; ; beforeSeq = all[0]!.seq) {
    const page = await historyPage(core, who, { conv, at: { beforeSeq }, limit: 4 })
    all.unshift(...page.messages)
    if (page.start) return all
  }
}

const allowed = (codes: string[]) => (error: unknown) => {
  if (!codes.includes((error as { code: string }).code)) throw error
}

async function perform(core: TestCore, people: Person[], conv: ConversationId, step: Act) {
  const owner = people[0]!
  if (step.do === 'purge') {
    const { seq } = (await core.store.read((tx) => tx.conversation(conv)))!
    await core.store.transact((tx) => tx.purge(conv, Math.floor((seq * step.share) / 20)))
    return
  }
  const who = people[step.who]!
  if (step.do === 'join') return addMembers(core, owner, { conv, users: [who.user] })
  if (step.do === 'leave') return who === owner ? undefined : removeMember(core, owner, { conv, user: who.user })
  if (step.do === 'rename') return rename(core, who, { conv, name: step.name }).catch(allowed(['E_NOT_MEMBER']))
  if (step.do === 'post') {
    const messages = step.bodies.map((body) => core.draft(body))
    const post = () => postMessages(core, who, { conv, messages }).catch(allowed(['E_NOT_MEMBER']))
    return step.again ? Promise.all([post(), post()]) : post()
  }
  const messages = await core.store.read((tx) => tx.messages(conv, { after: 0, before: 1e9, limit: 1e3, from: 'start' }))
  if (messages.length === 0) return
  const target = { id: messages[step.message % messages.length]!.id }
  const operation = { kind: step.kind, opId: core.opId(), target, body: step.text, emoji: step.text } as Operation
  const change = () => applyOperation(core, who, { conv, operation }).catch(allowed(['E_NOT_MEMBER', 'E_FORBIDDEN', 'E_NOT_FOUND']))
  return step.again ? Promise.all([change(), change()]) : change()
}

it('whatever people do, at every step: the log has no hole, every view equals a fresh one, and nobody sees what was before them', async () => {
  const seen = { resets: 0, pulls: 0, pages: 0, hidden: 0 }
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { minLength: 5, maxLength: 60, size: 'max' }),
      fc.array(fc.nat(3), { minLength: 60, maxLength: 60 }),
      async (steps, looks) => {
        const core = await openTestCore()
        const people: Person[] = []
        for (const name of ['Ann', 'Bob', 'Cy', 'Dee']) people.push(await core.person(name))
        const { id: conv } = await createGroup(core, people[0]!, { name: 'G', members: [people[1]!.user] })
        const views = people.map((): View => ({ rev: 0, messages: new Map() }))

        for (const [i, step] of steps.entries()) {
          core.advance(1)
          await perform(core, people, conv, step)
          // Somebody looks, each at their own times, so that views are behind by different amounts.
          const viewer = looks[i]!
          if (await core.store.read((tx) => tx.membership(conv, people[viewer]!.user))) await catchUp(core, people[viewer]!, conv, views[viewer]!)
        }

        const { conversation, log } = await core.store.read(async (tx) => {
          const conversation = (await tx.conversation(conv))!
          return { conversation, log: await tx.events(conv, conversation.floorRev, 1e4) }
        })
        expect(log.map((event) => event.rev)).toEqual(log.map((_, k) => conversation.floorRev + 1 + k))
        expect(log.at(-1)?.h ?? conversation.h).toBe(conversation.h)
        const seqs = log.flatMap((event) => ('message' in event ? [event.message.seq] : []))
        expect(seqs).toEqual(seqs.map((_, k) => conversation.seq - seqs.length + 1 + k))

        for (const [k, who] of people.entries()) {
          const member = await core.store.read((tx) => tx.membership(conv, who.user))
          if (!member) {
            expect((await headsFor(core, who, { convs: { [conv]: [1, CHAIN_START, 0] } })).left).toEqual([conv])
            continue
          }
          // A view that followed the events, the history, and the log itself agree.
          await catchUp(core, who, conv, views[k]!)
          const history = await wholeHistory(core, who, conv)
          expect(history.every((message) => message.seq > member.visibleFrom)).toBe(true)
          // Purging forgets on the server, not on a client: compare what both still have.
          const kept = [...views[k]!.messages.values()]
            .filter((message) => history.some((each) => each.id === message.id))
            .toSorted((a, b) => a.seq - b.seq)
          expect(kept).toEqual(history)
          // From every position as much of the rest of the log as one answer holds, or a fresh start.
          for (let from = 0; from <= conversation.rev; from++) {
            const answer = await pull(core, who, { conv, from })
            const mayContinue = from > 0 && from >= conversation.floorRev && from + 1 >= member.joinedRev
            expect('events' in answer).toBe(mayContinue)
            if ('events' in answer) {
              seen.pulls++
              const visible = log.filter((event) => event.rev > from).map((event) => asSeenBy(member, event))
              expect(answer.events).toEqual(visible.slice(0, answer.events.length))
              expect(answer.events.length > 0).toBe(visible.length > 0)
              if (answer.events.length < visible.length) seen.pages++
              if (visible.some((event) => event.kind === 'edit' && 'body' in event && event.body === '')) seen.hidden++
            } else seen.resets++
          }
          // And what the person was told live is what the log says, for as long as they were in it.
          const heard = new Map(core.heard(who.user, conv).map((event) => [event.rev, event]))
          for (const event of log) if (event.rev >= member.joinedRev) expect(heard.get(event.rev)?.h).toBe(event.h)
        }
        await core.store.close()
      },
    ),
    // Fixed, because some of what must be seen is rare.
    { numRuns: 40, seed: 21 },
  )
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(0)
})
