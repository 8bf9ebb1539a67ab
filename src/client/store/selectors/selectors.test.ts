import type { Action } from '@reduxjs/toolkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  browserCameOnline,
  browserWentOffline,
  catchUpStarted,
  connectionDialled,
  conversationOpened,
  conversationReset,
  conversationsLearned,
  draftChanged,
  editChosen,
  editTyped,
  filesAttached,
  messageStored,
  messageWritten,
  messagesArrived,
  outboxLoaded,
  presenceChanged,
  readThrough,
  receiptsChanged,
  replyChosen,
  roomsSynced,
  sendRefused,
  sendStarted,
  sessionStarted,
} from '#client/live/facts.ts'
import { makeStore } from '#client/store/makeStore.ts'
import type { RootState } from '#client/store/reducer.ts'
import type { ChatMessage } from '#protocol/message.ts'
import {
  ann,
  arrival,
  ben,
  cem,
  clientId,
  conv,
  fileFacts,
  helloFacts,
  member,
  messageId,
  NOON,
  otherConv,
  person,
  says,
  saysFrom,
  snapshot,
} from '#testing/clientBuilders.ts'
import { selectConversation, selectConversationList, selectUnreadTotal } from './conversations.ts'
import { selectLosesByLeaving } from './leaving.ts'
import { selectOlderBefore, selectReachesStart, selectVerifiedThrough } from './messages.ts'
import { selectOutboxCount, selectRefusedCount, selectUnsentCount, selectUnsentCountOf } from './outbox.ts'
import { selectOutboxList } from './outboxList.ts'
import { selectPresenceOf } from './presence.ts'
import { makeSelectRows } from './rows.ts'

const started = [
  sessionStarted({ user: person(ann) }),
  connectionDialled({ at: 0, attempt: 1 }),
  catchUpStarted({ at: 1, hello: helloFacts() }),
  roomsSynced({ at: 2, serverAt: 2 }),
]

function storeAfter(...actions: Action[]) {
  const { store } = makeStore()
  for (const action of [...started, ...actions]) store.dispatch(action)
  return store
}
const after = (...actions: Action[]): RootState => storeAfter(...actions).getState()

const group = conversationsLearned({ conversations: [snapshot({ members: [member(ann), member(ben), member(cem)] })] })
const direct = conversationsLearned({
  conversations: [snapshot({ id: otherConv, kind: 'direct', name: '', createdAt: NOON + 1, members: [member(ann), member(ben)] })],
})
const hears = (...messages: ChatMessage[]) => messagesArrived(arrival(messages))
const written = (n: number, at = conv, body = `message ${n}`) => messageWritten({ conv: at, clientId: clientId(n), body, sentAt: NOON + n })
const sent = (...ns: number[]) => sendStarted({ conv, clientIds: ns.map(clientId), at: NOON })
const stored = (n: number, seq: number) => messageStored({ conv, clientId: clientId(n), id: messageId(seq), seq, at: NOON })
const refused = (n: number, at = conv) => sendRefused({ conv: at, clientId: clientId(n), code: 'E_TOO_BIG' })
const elsewhere = (message: ChatMessage): ChatMessage => ({ ...message, conv: otherConv })

describe('the conversation list', () => {
  const list = (...actions: Action[]) => selectConversationList(after(group, direct, ...actions))

  it('has the newest activity first, and one order for equals', () => {
    expect(list().map((item) => item.title)).toEqual(['Ben', 'Weekend'])
    expect(list(hears(says(1))).map((item) => item.title)).toEqual(['Weekend', 'Ben'])
    expect(list(hears(says(1)), hears(elsewhere(says(2)))).map((item) => item.title)).toEqual(['Ben', 'Weekend'])
  })

  it.each<[string, Action[], string]>([
    ['nothing yet', [], ''],
    ['who wrote in a group', [hears(says(1, ben))], 'Ben: message 1'],
    ['"You"', [hears(says(1, ann))], 'You: message 1'],
    ['that it is gone', [hears(says(1, ben, { deletedAt: NOON, body: '' }))], 'Ben: Message deleted'],
    ['one line', [hears(says(1, ann, { body: 'two\n  lines' }))], 'You: two lines'],
    ['what was brought without a word', [hears(says(1, ben, { body: '', files: [fileFacts(1), fileFacts(2)] }))], 'Ben: 1.bin, 2.bin'],
    ['what waits', [hears(says(1, ben)), written(2)], 'Queued: message 2'],
    ['what is on its way', [written(2), sent(2)], 'You: message 2'],
    ['what was refused', [written(2), refused(2)], 'Not sent: message 2'],
  ])('previews %s', (_, actions, preview) => {
    expect(list(...actions).find((item) => item.id === conv)!.preview).toBe(preview)
  })

  it('previews the bare text of the other person in a direct conversation, and names them', () => {
    expect(list(hears(elsewhere(says(1, ben)))).find((item) => item.id === otherConv)).toMatchObject({
      preview: 'message 1',
      title: 'Ben',
      other: ben,
    })
  })

  it('counts what is unread', () => {
    const state = after(group, direct, hears(...saysFrom(1, 3)), hears(elsewhere(says(1))), readThrough({ conv, seq: 1 }))
    expect(selectConversationList(state).map((item) => [item.title, item.unread])).toEqual([
      ['Weekend', 2],
      ['Ben', 1],
    ])
    expect(selectUnreadTotal(state)).toBe(3)
  })

  it('keeps the items that did not change', () => {
    const store = storeAfter(group, direct)
    const before = selectConversationList(store.getState())
    store.dispatch(hears(says(1)))
    const now = selectConversationList(store.getState())
    expect(now.find((item) => item.id === otherConv)).toBe(before.find((item) => item.id === otherConv))
    const view = selectConversation(store.getState(), otherConv)
    store.dispatch(hears(says(2)))
    expect(selectConversation(store.getState(), otherConv)).toBe(view)
  })
})

describe('the outbox', () => {
  const state = after(group, direct, written(1), written(2, otherConv), written(3), sent(1), stored(1, 1), refused(3))

  it('counts what still has to go, per conversation and over all', () => {
    expect([selectUnsentCount(state), selectUnsentCountOf(state, conv), selectUnsentCountOf(state, otherConv), selectRefusedCount(state)]).toEqual([
      1, 0, 1, 1,
    ])
  })

  it('lists what waits or was refused over all conversations, in written order', () => {
    expect(selectOutboxList(state).map(({ row, title }) => `${title}: ${row.body}`)).toEqual(['Ben: message 2', 'Weekend: message 3'])
    expect(selectOutboxCount(state)).toBe(2)
  })
})

describe('presence', () => {
  const known = presenceChanged({ states: [{ user: ben, state: 'online', lastSeen: null }] })

  it('is what the server says while we are live, and unknown otherwise', () => {
    const store = storeAfter(known)
    expect(selectPresenceOf(store.getState(), ben).state).toBe('online')
    expect(selectPresenceOf(store.getState(), cem).state).toBe('unknown')
    store.dispatch(browserWentOffline({ at: 3 }))
    expect(selectPresenceOf(store.getState(), ben).state).toBe('unknown')
    store.dispatch(browserCameOnline({ at: 4 }))
    expect(selectPresenceOf(store.getState(), ben).state).toBe('online')
  })
})

describe('what is loaded', () => {
  it('says what to ask for next, and how far it is verified', () => {
    const state = after(group, conversationReset({ conv, messages: saysFrom(51, 60), notes: [], through: { rev: 60, seq: 60 }, fromCache: false }))
    expect([selectOlderBefore(state, conv), selectReachesStart(state, conv), selectVerifiedThrough(state, conv)]).toEqual([51, false, 60])
    expect([selectOlderBefore(state, otherConv), selectVerifiedThrough(state, otherConv)]).toEqual([null, null])
  })

  it('knows the first message a joiner may see', () => {
    const joiner = conversationsLearned({ conversations: [snapshot({ visibleFrom: 50 })] })
    expect(
      selectReachesStart(
        after(joiner, conversationReset({ conv, messages: saysFrom(51, 60), notes: [], through: { rev: 60, seq: 60 }, fromCache: false })),
        conv,
      ),
    ).toBe(true)
  })
})

describe('the rows of a conversation', () => {
  const rows = (state: RootState) =>
    makeSelectRows()(state, conv).flatMap((row) =>
      row.kind === 'message' ? [`${row.body} ${row.status ?? row.senderName}`] : row.kind === 'divider' ? [`${row.count} new`] : [],
    )
  const mark = (user: typeof ben, delivered: number, read: number) => receiptsChanged({ conv, user, delivered, read })

  it('follow a message from Enter to read by everybody', () => {
    const course = [written(1), sent(1), stored(1, 1), hears(says(1, ann, { body: 'message 1' })), mark(ben, 1, 1), mark(cem, 1, 0), mark(cem, 1, 1)]
    const store = storeAfter(group)
    const seen = course.map((action) => {
      store.dispatch(action)
      return rows(store.getState())[0]
    })
    expect(seen).toEqual(['saving', 'sending', 'sent', 'sent', 'sent', 'delivered', 'read'].map((status) => `message 1 ${status}`))
  })

  it('never show an own message twice or not at all, whichever of ack and log comes first and however often', () => {
    const facts = fc.shuffledSubarray([sent(1), stored(1, 1), hears(says(1, ann)), sent(1), stored(1, 1), hears(says(1, ann))], { minLength: 1 })
    fc.assert(
      fc.property(facts, (course) => {
        const store = storeAfter(group, written(1))
        for (const fact of course) {
          store.dispatch(fact)
          expect(rows(store.getState())).toHaveLength(1)
        }
      }),
    )
  })

  it('say only "sent" where the members are too many to know', () => {
    const crowd = conversationsLearned({ conversations: [snapshot({ members: [], memberCount: 51 })] })
    expect(rows(after(crowd, hears(says(1, ann)), mark(ben, 1, 1)))).toEqual(['message 1 sent'])
  })

  it('divide what was there when the conversation was opened from what is new', () => {
    const state = after(group, hears(...saysFrom(1, 3)), readThrough({ conv, seq: 1 }), conversationOpened({ conv }))
    expect(rows(state)).toEqual(['message 1 Ben', '2 new', 'message 2 Ben', 'message 3 Ben'])
  })

  it('are the same list while nothing of this conversation changes', () => {
    const store = storeAfter(group, direct, hears(...saysFrom(1, 3)))
    const select = makeSelectRows()
    const before = select(store.getState(), conv)
    store.dispatch(hears(elsewhere(says(1))))
    store.dispatch(roomsSynced({ at: 500, serverAt: 600 }))
    expect(select(store.getState(), conv)).toBe(before)
    expect(select(store.getState(), otherConv)).not.toBe(before)
  })
})

it('what is offered to a restored server again is counted among what waits, and stands in no list of messages before the log shows it', () => {
  const lost = {
    conv,
    clientId: clientId(1),
    body: 'lost perhaps',
    sentAt: NOON,
    again: true as const,
    state: { name: 'sending' as const, since: 0, memory: false },
  }
  const state = storeAfter(conversationsLearned({ conversations: [snapshot()] }), outboxLoaded({ rows: [lost] })).getState()
  expect(selectUnsentCount(state)).toBe(1)
  expect(selectOutboxList(state).map(({ row }) => row.body)).toEqual(['lost perhaps'])
  expect(makeSelectRows()(state, conv).filter(({ kind }) => kind === 'message')).toEqual([])
  expect(selectConversation(state, conv)?.preview).toBe('')
})

it.each<[string, Action[], boolean]>([
  ['nothing that was begun', [], false],
  [
    'a message that was to be answered, and one that was to be changed',
    [replyChosen({ conv, to: messageId(1) }), editChosen({ conv, clientId: clientId(1) })],
    false,
  ],
  ['words', [draftChanged({ conv, text: 'half a' })], true],
  ['files', [filesAttached({ conv, files: [fileFacts(1)] })], true],
  ['a change that is half written', [editTyped({ conv, clientId: clientId(1), text: 'bet' })], true],
])('who leaves %s behind is asked about it, where it is nowhere else', (_, actions, loses) => {
  const registered = sessionStarted({ user: { ...person(ann), isGuest: false } })
  expect(selectLosesByLeaving(storeAfter(registered, ...actions).getState())).toBe(loses)
})
