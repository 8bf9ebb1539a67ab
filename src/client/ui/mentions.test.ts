import { describe, expect, it } from 'vitest'
import type { UserId } from '#protocol/ids.ts'
import { begunMention, fitting, mentionsIn } from './mentions.ts'

const people = ['Ann', 'Ann Lee', 'Zoë', 'under_score', 'İpek'].map((name) => ({ id: name as UserId, name }))
const shown = (text: string) => mentionsIn(text, people).map(({ from, to, user }) => `${user}: ${text.slice(from, to)}`)

describe('a mention', () => {
  it.each([
    ['@Ann, look', ['Ann: @Ann']],
    ['look, @ann!', ['Ann: @ann']],
    ['@Ann Lee and @Ann', ['Ann Lee: @Ann Lee', 'Ann: @Ann']],
    ['(@zoë)', ['Zoë: @zoë']],
    ['@under_score?', ['under_score: @under_score']],
    ['@Anna', []],
    ['mail ann@Ann.example', []],
    ['@@Ann', ['Ann: @Ann']],
    ['@', []],
    ['@Bob', []],
    ['@İpek', ['İpek: @İpek']],
  ])('in “%s”', (text, mentions) => expect(shown(text)).toEqual(mentions))
})

describe('a mention that is being typed', () => {
  it.each([
    ['hi @', 4, { from: 3, begun: '' }],
    ['hi @an', 6, { from: 3, begun: 'an' }],
    ['@Ann L', 6, { from: 0, begun: 'Ann L' }],
    ['@an then', 3, { from: 0, begun: 'an' }],
    ['hi', 2, undefined],
    ['ann@x', 5, undefined],
    ['@ a', 3, undefined],
    ['@a\nb', 4, undefined],
    [`@${'x'.repeat(41)}`, 42, undefined],
  ])('in “%s” at %i', (text, caret, begun) => expect(begunMention(text, caret)).toEqual(begun))

  it('fits who is called so, beginning with the beginning of the name', () => {
    const names = (begun: string) => fitting(people, begun).map(({ name }) => name)
    expect(names('')).toHaveLength(5)
    expect(names('a')).toEqual(['Ann', 'Ann Lee'])
    expect(names('LEE')).toEqual(['Ann Lee'])
    expect(names('ann l')).toEqual(['Ann Lee'])
    expect(names('x')).toEqual([])
  })
})
