import type { Action } from '@reduxjs/toolkit'
import { describe, expect, it } from 'vitest'
import {
  catchUpStarted,
  connectionLost,
  conversationLeft,
  conversationOpened,
  conversationReset,
  conversationsLearned,
  messagesArrived,
  nobodySignedIn,
  operationRefused,
  roomsSynced,
  sessionEnded,
  sessionStarted,
  signedOut,
  storageLost,
  unsentVanished,
} from '#client/live/facts.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { ann, arrival, ben, clientId, conv, helloFacts, operationId, otherConv, person, says, saysFrom, snapshot } from '#testing/clientBuilders.ts'
import { noticeDismissed, noticesReducer } from './noticesSlice.ts'
import { textOfNotice } from './noticeText.ts'

const after = (actions: Action[], from = noticesReducer(undefined, { type: 'boot' })) => actions.reduce(noticesReducer, from)
const texts = (state: ReturnType<typeof after>) =>
  state.list.map((notice) => (notice.kind === 'removed' ? `${notice.about}: ${textOfNotice(notice)}` : textOfNotice(notice)))

const started = sessionStarted({ user: person(ann) })
const returning = [connectionLost({ at: 0, reason: 'x', attempt: 1, nextRetryAt: 1 }), catchUpStarted({ at: 1, hello: helloFacts() })]
const synced = roomsSynced({ at: 2, serverAt: 2 })
const caughtUp = (...messages: ChatMessage[]) => messagesArrived(arrival(messages, { caughtUp: true }))
const elsewhere = (message: ChatMessage): ChatMessage => ({ ...message, conv: otherConv })
const known = conversationsLearned({ conversations: [snapshot({ read: 10 }, 10), snapshot({ id: otherConv, read: 10 }, 10)] })
/** Signed in, caught up once, everything read up to 10 in two conversations. */
const present = after([started, returning[1]!, known, synced])

describe('what was missed in other conversations', () => {
  it('is told once, after everything is here', () => {
    const during = after([...returning, caughtUp(...saysFrom(11, 13)), caughtUp(elsewhere(says(11)))], present)
    expect(texts(during)).toEqual([])
    expect(texts(after([synced, synced], during))).toEqual(['4 new in 2 conversations'])
  })

  it('does not count the open conversation, own messages, or anything twice', () => {
    const state = after(
      [
        conversationOpened({ conv }),
        ...returning,
        caughtUp(says(11)),
        caughtUp(elsewhere(says(11)), elsewhere(says(12, ann))),
        caughtUp(elsewhere(says(11))),
        synced,
      ],
      present,
    )
    expect(texts(state)).toEqual(['1 new in 1 conversation'])
  })

  it('counts across a reset by number, and not what is read again below it', () => {
    const reset = conversationReset({ conv, messages: saysFrom(1_451, 1_500), notes: [], through: { rev: 1_500, seq: 1_500 }, fromCache: false })
    const again = messagesArrived({ ...arrival(saysFrom(1, 10), { caughtUp: true }), through: { rev: 1_500, seq: 1_500 } })
    expect(texts(after([...returning, reset, again, synced], present))).toEqual(['1490 new in 1 conversation'])
  })

  it('is not told when the page has just opened: badges say it', () => {
    expect(texts(after([started, returning[1]!, known, caughtUp(...saysFrom(11, 13)), synced]))).toEqual([])
  })

  it('is not told about what is heard live', () => {
    expect(texts(after([messagesArrived(arrival(saysFrom(11, 12))), synced], present))).toEqual([])
  })
})

describe('a notice', () => {
  it('tells of a removal, once, and not of leaving by oneself', () => {
    expect(texts(after([conversationLeft({ conv, name: 'Weekend', by: ben, removed: true })], present))).toEqual([
      'Weekend: You were removed from this conversation.',
    ])
    expect(texts(after([conversationLeft({ conv, name: 'Weekend', by: null, removed: false })], present))).toEqual([])
  })

  it('tells a guest their new name when the old session ended', () => {
    const renamed = sessionStarted({ user: { ...person(ben), name: 'BraveOtter512' } })
    expect(texts(after([sessionEnded({ at: 0, code: 'E_AUTH_INVALID' }), renamed], present))).toEqual([
      'Your guest session ended; you are now BraveOtter512.',
    ])
  })

  it.each([
    ['the same person signs in again', [sessionEnded({ at: 0, code: 'E_AUTH_INVALID' }), started]],
    ['the person signed out first', [signedOut(), sessionStarted({ user: person(ben) })]],
    ['there was nobody any more', [nobodySignedIn(), sessionStarted({ user: person(ben) })]],
  ])('says nothing about a name when %s', (_, actions) => {
    expect(texts(after(actions, present))).toEqual([])
  })

  it('tells once that messages can’t be kept, and what to do', () => {
    const state = after([storageLost({ reason: 'full' }), storageLost({ reason: 'broken' })], present)
    expect(texts(state)).toEqual(['The storage of this device is full. Free some space, and keep this page open until everything is sent.'])
  })

  it.each([
    [1, '1 message that waited on this device could not be read back. Look whether it arrived, and write it again if it did not.'],
    [2, '2 messages that waited on this device could not be read back. Look which of them arrived, and write the others again.'],
  ])('tells that %i unsent vanished with a damaged storage, and what to do', (count, words) => {
    expect(texts(after([unsentVanished({ count })], present))).toEqual([words])
  })

  it('leaves when it is dismissed, and its id is not used again', () => {
    const gone = (name: string) => conversationLeft({ conv, name, by: ben, removed: true })
    const two = after([gone('One'), gone('Two')], present)
    const one = after([noticeDismissed({ id: two.list[1]!.id }), gone('Three')], two)
    expect(texts(one).map((text) => text.split(':')[0])).toEqual(['One', 'Three'])
    expect(new Set([...two.list, ...one.list].map(({ id }) => id)).size).toBe(3)
  })
})

describe('a change that the server would not make', () => {
  const about = { opId: operationId(1), target: { clientId: clientId(1), sender: ann } }
  const refused = (operation: Parameters<typeof operationRefused>[0]['operation'], code: 'E_FORBIDDEN' | 'E_NOT_FOUND' = 'E_FORBIDDEN') =>
    texts(after([operationRefused({ conv, operation, code })]))

  it('is told with the words it was about, so that they are not lost', () => {
    expect(refused({ kind: 'edit', ...about, body: 'better words' })).toEqual([
      'A message stays as it was; it could not be changed to “better words”.',
    ])
    expect(refused({ kind: 'delete', ...about })).toEqual(['A message could not be deleted. It is still there; try again.'])
  })

  it('is not worth a word when it was a reaction, or when what should go is gone', () => {
    expect(refused({ kind: 'react', ...about, emoji: '👍' })).toEqual([])
    expect(refused({ kind: 'delete', ...about }, 'E_NOT_FOUND')).toEqual([])
  })
})
