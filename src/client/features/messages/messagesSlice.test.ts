import { describe, expect, it } from 'vitest'
import {
  conversationClosed,
  conversationOpened,
  historyArrived,
  historyRequested,
  messageSought,
  messagesArrived,
  stretchArrived,
} from '#client/live/facts.ts'
import { conv, heard, messageId, saysFrom } from '#testing/clientBuilders.ts'
import { messagesReducer, type MessagesState } from './messagesSlice.ts'

const after = (...actions: Parameters<typeof messagesReducer>[1][]) =>
  actions.reduce<MessagesState | undefined>((state, action) => messagesReducer(state, action), undefined)!
const seqs = (state: MessagesState) => state.byConv[conv]!.messages.map(({ seq }) => seq)
const arrived = (from: number, to: number) =>
  messagesArrived({ conv, events: saysFrom(from, to).map((message) => heard(message, message.seq)), through: { rev: to, seq: to }, caughtUp: true })
const history = (beforeSeq: number, from: number) =>
  historyArrived({ conv, beforeSeq, messages: saysFrom(from, beforeSeq - 1), notes: [], start: from === 1 })

it('a page of history joins what is held', () => {
  const state = after(conversationOpened({ conv }), arrived(41, 80), historyRequested({ conv, beforeSeq: 41 }), history(41, 1))
  expect(seqs(state)).toEqual(saysFrom(1, 80).map(({ seq }) => seq))
  expect(state.fetches[conv]).toBeUndefined()
})

it('a page of history that comes when what it was to join has been let go brings nothing back', () => {
  const state = after(
    conversationOpened({ conv }),
    arrived(21, 120),
    historyRequested({ conv, beforeSeq: 21 }),
    conversationClosed({ conv }),
    history(21, 1),
  )
  expect(seqs(state)).toEqual(saysFrom(61, 120).map(({ seq }) => seq))
})

it('a page of history is all there is where nothing is held yet', () => {
  expect(seqs(after(history(9, 4)))).toEqual([4, 5, 6, 7, 8])
})

describe('what follows the older side of a gap', () => {
  const stretch = stretchArrived({ conv, messages: saysFrom(1, 60), notes: [], start: true })
  const older = historyArrived({ conv, beforeSeq: 241, afterSeq: 60, messages: saysFrom(61, 100), notes: [], start: false })
  const asked = [
    conversationOpened({ conv }),
    arrived(241, 300),
    messageSought({ conv, id: messageId(9), held: false }),
    stretch,
    historyRequested({ conv, beforeSeq: 241, afterSeq: 60 }),
  ]

  it('joins it, while the rest is still on its way', () => {
    const state = after(...asked, older)
    expect(seqs(state)).toEqual([...saysFrom(1, 100), ...saysFrom(241, 300)].map(({ seq }) => seq))
    expect(state.fetches[conv]?.name).toBe('loading')
  })

  it('is not put where that has been let go', () => {
    expect(seqs(after(...asked, conversationClosed({ conv }), older))).toEqual(saysFrom(241, 300).map(({ seq }) => seq))
  })
})
