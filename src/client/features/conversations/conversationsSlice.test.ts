import type { Action } from '@reduxjs/toolkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  catchUpStarted,
  connectionLost,
  conversationClosed,
  conversationLeft,
  conversationOpened,
  conversationReset,
  conversationsLearned,
  messageWritten,
  messagesArrived,
  readThrough,
  receiptsChanged,
  roomsSynced,
  sessionStarted,
} from '#client/live/facts.ts'
import type { ConversationFacts } from '#protocol/conversation.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { ann, arrival, ben, clientId, conv, edited, helloFacts, NOON, otherConv, person, says, saysFrom, snapshot } from '#testing/clientBuilders.ts'
import { conversationsReducer, type ConversationsState } from './conversationsSlice.ts'
import { unreadOf } from './unread.ts'

const start = conversationsReducer(undefined, sessionStarted({ user: person(ann) }))
const after = (actions: Action[], from = start) => actions.reduce(conversationsReducer, from)

const learned = (facts: Partial<ConversationFacts> = {}, seq = 0) => conversationsLearned({ conversations: [snapshot(facts, seq)] })
const opens = conversationOpened({ conv })
const closes = conversationClosed({ conv })
const hears = (...messages: ChatMessage[]) => messagesArrived(arrival(messages))
const catchesUp = (...messages: ChatMessage[]) => messagesArrived(arrival(messages, { caughtUp: true }))
const resets = (messages: ChatMessage[], seq: number, fromCache = false) =>
  conversationReset({ conv, messages, notes: [], through: { rev: seq, seq }, fromCache })
const away = [connectionLost({ at: 0, reason: 'x', attempt: 1, nextRetryAt: 1 }), catchUpStarted({ at: 1, hello: helloFacts() })]
const back = roomsSynced({ at: 2, serverAt: 2 })
const writes = messageWritten({ conv, clientId: clientId(99), body: 'hi', sentAt: NOON })
const reads = (seq: number) => readThrough({ conv, seq })

const unread = (state: ConversationsState) => unreadOf(state.byId[conv]!)
const divider = (state: ConversationsState) => {
  const { open } = state
  return open?.name === 'known' && open.divider ? `${open.divider.count} new after ${open.divider.afterSeq}` : null
}

describe('unread messages', () => {
  it('are those of others after the read mark', () => {
    expect(unread(after([learned({ read: 3 }, 3), hears(says(4), says(5, ann), says(6))]))).toBe(2)
  })

  it('go when they are read here or on another device', () => {
    const state = after([learned({}, 0), hears(...saysFrom(1, 3))])
    expect(unread(after([reads(2)], state))).toBe(1)
    expect(unread(after([receiptsChanged({ conv, user: ann, delivered: 3, read: 3 })], state))).toBe(0)
    expect(unread(after([receiptsChanged({ conv, user: ben, delivered: 3, read: 3 })], state))).toBe(3)
  })

  it('never come back with an older report', () => {
    const state = after([learned({}, 0), hears(...saysFrom(1, 3)), reads(3), learned({ read: 1 }, 3), reads(1)])
    expect(unread(state)).toBe(0)
  })

  it('do not include what was written before the person joined', () => {
    expect(unread(after([learned({ visibleFrom: 40 }, 40), resets(saysFrom(41, 42), 42)]))).toBe(2)
  })

  it('are counted by number, so hearing a message again adds none', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 10 }), fc.nat(5), (again, read) => {
        const all = saysFrom(1, 5)
        const state = after([learned({}, 0), hears(...all), ...again.map((seq) => hears(says(seq))), reads(read)])
        expect(unread(state)).toBe(5 - read)
      }),
    )
  })
})

describe('the last message', () => {
  it('is the newest, in its newest version', () => {
    const state = after([
      learned({}, 0),
      hears(says(1), says(2)),
      messagesArrived({ ...arrival([]), events: [edited(2, 9, 'better')], through: { rev: 9, seq: 2 } }),
      hears(says(1)),
    ])
    expect(state.byId[conv]!.lastMessage?.body).toBe('better')
  })

  it('is what the server says after a reset, even when that takes something back', () => {
    expect(after([learned({}, 0), hears(...saysFrom(1, 9)), resets(saysFrom(1, 4), 4)]).byId[conv]).toMatchObject({
      head: { seq: 4 },
      lastMessage: { seq: 4 },
    })
    expect(after([learned({}, 0), hears(...saysFrom(1, 9)), resets(saysFrom(1, 4), 4, true)]).byId[conv]).toMatchObject({
      head: { seq: 9 },
      lastMessage: { seq: 9 },
    })
  })
})

describe('"N new while you were away"', () => {
  const current = after([...away, learned({ read: 10 }, 10), back])

  it('is not there when nothing is new', () => {
    expect(divider(after([opens], current))).toBeNull()
  })

  it('stands above what is unread when the conversation is opened, and stays put while it is read and more arrives', () => {
    const entered = after([hears(...saysFrom(11, 12)), opens], current)
    expect(divider(entered)).toBe('2 new after 10')
    expect(divider(after([reads(12), hears(says(13)), reads(13)], entered))).toBe('2 new after 10')
  })

  it('goes when the person leaves or writes', () => {
    const entered = after([hears(says(11)), opens], current)
    expect(divider(after([writes], entered))).toBeNull()
    expect(divider(after([reads(11), closes, opens], entered))).toBeNull()
  })

  it('counts exactly what an absence added to the open conversation, own messages aside', () => {
    const state = after([opens, ...away, catchesUp(says(11), says(12, ann), says(13)), catchesUp(says(14)), back, hears(says(15))], current)
    expect(divider(state)).toBe('3 new after 10')
  })

  it('counts nothing twice, whether the facts or the messages come first', () => {
    expect(
      divider(
        after(
          [
            opens,
            ...away,
            learned({ read: 10 }, 10),
            catchesUp(...saysFrom(11, 13)),
            learned({ read: 10 }, 13),
            catchesUp(...saysFrom(11, 13)),
            back,
          ],
          current,
        ),
      ),
    ).toBe('3 new after 10')
  })

  it('goes on counting when reading goes on in between', () => {
    expect(divider(after([opens, ...away, catchesUp(...saysFrom(11, 12)), reads(12), catchesUp(says(13)), back], current))).toBe('3 new after 10')
  })

  it('a second absence gets its own divider once the first was read', () => {
    const first = after([opens, ...away, catchesUp(...saysFrom(11, 12)), back, reads(12), hears(says(13)), reads(13)], current)
    expect(divider(after([...away, catchesUp(says(14)), back], first))).toBe('1 new after 13')
  })

  it('a second absence is added while the first is unread', () => {
    const first = after([opens, ...away, catchesUp(...saysFrom(11, 12)), back], current)
    expect(divider(after([...away, catchesUp(says(13)), back], first))).toBe('3 new after 10')
  })

  it('says nothing about what came late while we were there', () => {
    expect(divider(after([opens, catchesUp(...saysFrom(11, 13))], current))).toBeNull()
  })

  it('counts across a reset, by number', () => {
    expect(divider(after([opens, ...away, resets(saysFrom(1_451, 1_500), 1_500), back], current))).toBe('1490 new after 10')
  })

  it('does not call a first load an absence', () => {
    const joined = after([...away, learned({ read: 50, visibleFrom: 0 }, 0), opens, resets(saysFrom(1, 50), 50), back])
    expect(divider(joined)).toBeNull()
    expect(divider(after([opens, ...away, learned({ read: 50 }, 0), resets(saysFrom(1, 50), 50), back]))).toBeNull()
  })

  it('is there on a fresh device for what is unread', () => {
    expect(divider(after([...away, learned({ read: 48 }, 0), opens, resets(saysFrom(1, 50), 50), back]))).toBe('2 new after 48')
  })
})

describe('the open conversation', () => {
  it('is the last that was opened, however fast one switches and however late the others close', () => {
    const state = after([opens, conversationOpened({ conv: otherConv }), closes])
    expect(state.open?.conv).toBe(otherConv)
  })

  it('survives being mounted twice', () => {
    expect(after([opens, closes, opens]).open?.conv).toBe(conv)
    expect(after([opens, opens]).open?.conv).toBe(conv)
  })
})

describe('leaving', () => {
  it('takes the conversation away and remembers why, until it is joined again', () => {
    const state = after([learned(), conversationLeft({ conv, name: 'Weekend', by: ben, removed: true })])
    expect(state.byId[conv]).toBeUndefined()
    expect(state.left[conv]).toEqual({ name: 'Weekend', by: ben, removed: true })
    expect(after([learned()], state).left[conv]).toBeUndefined()
  })
})

it('knows whether the list is complete', () => {
  expect(start.complete).toBe(false)
  expect(after([back]).complete).toBe(true)
})
