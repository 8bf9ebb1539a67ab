import { describe, expect, it } from 'vitest'
import { conversationLeft, conversationReset, messagesArrived, readThrough, receiptsChanged } from '#client/live/facts.ts'
import type { LogEvent } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { ann, arrival, ben, conv, deleted, edited, heard, otherConv, says } from '#testing/clientBuilders.ts'
import { deletedIn, newsIn, overBy, whatCame } from './news.ts'

const came = (events: LogEvent[]) => whatCame(messagesArrived(arrival([], { events })))?.messages ?? []

describe('what is new', () => {
  const [mine, his] = [{ ...says(3), sender: ann }, says(4)]
  const news = (...messages: ChatMessage[]) =>
    newsIn({ messages: came(messages.map((message) => heard(message))), isPage: false }, { me: ann, read: 2, unread: 0 })

  it('is what others wrote and nobody has read here, the newest of it and how many', () => {
    const later = { ...his, id: 'later' as typeof his.id, seq: 5 }
    expect(news(mine, his, later)).toEqual({ newest: later, count: 2 })
  })

  it('is nothing where only oneself wrote, or all of it was read already', () => {
    expect(his.sender).toBe(ben)
    expect(news(mine)).toBeUndefined()
    expect(newsIn({ messages: [his], isPage: false }, { me: ann, read: 4, unread: 0 })).toBeUndefined()
  })

  it('is not what was deleted meanwhile, and reads as it was changed to', () => {
    const [first, second] = [says(3), says(4)]
    expect(newsIn({ messages: came([heard(first), heard(second), deleted(4, 5)]), isPage: false }, { me: ann, read: 0, unread: 9 })).toEqual({
      newest: first,
      count: 1,
    })
    expect(newsIn({ messages: came([heard(first), edited(3, 5, 'better')]), isPage: false }, { me: ann, read: 0, unread: 9 })).toMatchObject({
      newest: { body: 'better' },
    })
  })

  it('is also what the newest page of a conversation brings, as after a long time away, but not what was kept here', () => {
    const reset = (fromCache: boolean) =>
      whatCame(conversationReset({ conv, messages: [mine, his], notes: [], through: { rev: 4, seq: 4 }, fromCache }))
    expect(reset(false)).toMatchObject({ conv, messages: [mine, his] })
    // a page holds only the newest of many
    expect(newsIn(reset(false)!, { me: ann, read: 2, unread: 1_200 })).toEqual({ newest: his, count: 1_200 })
    expect(reset(true)).toBeUndefined()
  })
})

describe('a notification is over', () => {
  const { id, seq } = says(4)
  const shown = { conv, seq }

  it('when its message was read, here, on another device, or as the server says after a while away', () => {
    expect(overBy(readThrough({ conv, seq: 4 }), ann)?.(shown)).toBe(true)
    expect(overBy(readThrough({ conv, seq: 3 }), ann)?.(shown)).toBe(false)
    expect(overBy(readThrough({ conv: otherConv, seq: 4 }), ann)?.(shown)).toBe(false)
    expect(overBy(receiptsChanged({ conv, user: ann, delivered: 4, read: 4 }), ann)?.(shown)).toBe(true)
    expect(overBy(receiptsChanged({ conv, user: ben, delivered: 4, read: 4 }), ann)).toBeUndefined()
  })

  it('when its conversation was left; a deleted message makes way for what is left', () => {
    const deletion = messagesArrived(arrival([], { events: [heard(says(3)), deleted(4, 5)] }))
    expect([...deletedIn(deletion)]).toEqual([id])
    expect(overBy(deletion, ann)).toBeUndefined()
    expect(overBy(conversationLeft({ conv, name: 'Crew', by: null, removed: true }), ann)?.(shown)).toBe(true)
  })
})
