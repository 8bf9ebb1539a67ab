import { describe, expect, it } from 'vitest'
import { ann, arrival, ben, says } from '#testing/clientBuilders.ts'
import { newsIn, wordsOf } from './news.ts'

describe('what is new', () => {
  const [mine, his] = [{ ...says(3), sender: ann }, says(4)]

  it('is what others wrote and nobody has read here, the newest of it and how many', () => {
    const later = { ...his, id: 'later' as typeof his.id, seq: 5 }
    expect(newsIn(arrival([mine, his, later]).events, { me: ann, read: 2 })).toEqual({ newest: later, count: 2 })
  })

  it('is nothing where only oneself wrote, or all of it was read already', () => {
    expect(his.sender).toBe(ben)
    expect(newsIn(arrival([mine]).events, { me: ann, read: 0 })).toBeUndefined()
    expect(newsIn(arrival([his]).events, { me: ann, read: 4 })).toBeUndefined()
  })
})

describe('the words of a notification', () => {
  const newest = { senderName: 'Bob' }

  it('are the person and the text between two, and say where among more', () => {
    expect(wordsOf({ newest, count: 1 }, { kind: 'direct', title: 'Bob', text: 'hello' })).toEqual({ title: 'Bob', body: 'hello' })
    expect(wordsOf({ newest, count: 1 }, { kind: 'group', title: 'Crew', text: 'hello' })).toEqual({ title: 'Bob · Crew', body: 'hello' })
  })

  it('count what came at once, and are cut where they are long', () => {
    expect(wordsOf({ newest, count: 3 }, { kind: 'direct', title: 'Bob', text: 'x'.repeat(500) }).body).toBe(
      `3 new messages. The last one: ${'x'.repeat(200)}…`,
    )
  })
})
