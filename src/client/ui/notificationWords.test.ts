import { describe, expect, it } from 'vitest'
import { wordsOf } from './notificationWords.ts'

describe('the words of a notification', () => {
  const saying = (body: string) => ({ senderName: 'Bob', body })

  it('are the person and the text between two, and say where among more', () => {
    expect(wordsOf({ newest: saying('hello'), count: 1 }, { kind: 'direct', title: 'Bob' })).toEqual({ title: 'Bob', body: 'hello' })
    expect(wordsOf({ newest: saying('*hello*'), count: 1 }, { kind: 'group', title: 'Crew' })).toEqual({ title: 'Bob · Crew', body: 'hello' })
  })

  it('count what came at once, as far as anybody counted, and are cut where they are long', () => {
    const body = (count: number) => wordsOf({ newest: saying('x'.repeat(500)), count }, { kind: 'direct', title: 'Bob' }).body
    expect(body(3)).toBe(`3 new messages. The last one: ${'x'.repeat(200)}…`)
    expect(body(100)).toMatch(/^More than 99 new messages\. /)
  })
})
