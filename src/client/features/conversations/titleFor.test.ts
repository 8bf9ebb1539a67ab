import { describe, expect, it } from 'vitest'
import { ann, ben, factsOf, member } from '#testing/clientBuilders.ts'
import { otherOf, titleFor } from './titleFor.ts'

describe('the title of a conversation', () => {
  it.each([
    ['a group has its name', factsOf({ name: 'Weekend' }), 'Weekend'],
    ['the lobby has its name', factsOf({ kind: 'lobby', name: 'Lobby' }), 'Lobby'],
    ['a direct one is called after the other person', factsOf({ kind: 'direct', name: '', members: [member(ann), member(ben)] }), 'Ben'],
    ['one with oneself is called after oneself', factsOf({ kind: 'direct', name: '', members: [member(ann)] }), 'Ann'],
  ])('%s', (_, facts, title) => {
    expect(titleFor(facts, ann)).toBe(title)
  })

  it('names the other person of a direct conversation only', () => {
    expect(otherOf(factsOf({ kind: 'direct' }), ann)?.id).toBe(ben)
    expect(otherOf(factsOf(), ann)).toBeUndefined()
  })
})
