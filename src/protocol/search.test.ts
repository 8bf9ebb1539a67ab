import { describe, expect, it } from 'vitest'
import { holds, SearchQuery, termsOf, wordsOf } from './search.ts'

const finds = (query: string, text: string) => holds(wordsOf(text), termsOf(query))

describe('the words of a text', () => {
  it.each([
    ['Meet at 9:30, OK?', ['meet', 'at', '9', '30', 'ok']],
    ['Ça va, Müller?', ['ca', 'va', 'muller']],
    ['ΆΛΦΑ й', ['αλφα', 'и']],
    ['東京タワー', ['東', '京', 'タ', 'ワ', 'ー']],
    ['ﬁnd Ｆｕｌｌ', ['find', 'full']],
    ['👍 … !', []],
  ])('of %s', (text, words) => expect(wordsOf(text)).toEqual(words))

  it('of a long row of marks are found as fast as any others', () => {
    const began = performance.now()
    for (const letter of ['a', 'क', '京', '\u0344']) expect(wordsOf(letter + '\u0301'.repeat(16_000)).length).toBeGreaterThan(0)
    // the slow way takes some ten seconds
    expect(performance.now() - began).toBeLessThan(2_000)
  })

  it('keep the vowels of scripts that write them as marks', () => {
    expect(finds('की', 'किताब')).toBe(false)
    expect(finds('किताब', 'यह किताब है')).toBe(true)
  })
})

describe('a search', () => {
  it.each([
    ['boat', 'The BOAT is blue', true],
    ['boat blue', 'The boat is blue', true],
    ['boat red', 'The boat is blue', false],
    ['blue boat', 'The boat is blue', true],
    ['"blue boat"', 'The boat is blue', false],
    ['"boat is" blue', 'The boat is blue', true],
    ['bo', 'The boat is blue', true],
    // a blank ends the word
    ['bo ', 'The boat is blue', false],
    ['"bo"', 'The boat is blue', false],
    ['b', 'The boat is blue', false],
    ['bo is', 'The boat is blue', false],
    ["don't", "I don't know", true],
    ["don't", 'I don, t', true],
    ["don't", 't don', false],
    ['京都', '東京都', true],
    ['都京', '東京都', false],
    ['cafe', 'Café', true],
    ['café', 'cafe', true],
    ['ΟΔΟΣ', 'οδοσημο', true],
    ['οδος ', 'ΟΔΟΣ', true],
    ['“blue boat”', 'The boat is blue', false],
    ['„boat is“ blue', 'The boat is blue', true],
    ['"open quote', 'an open quote here', true],
  ])('for %s in “%s”: %s', (query, text, found) => expect(finds(query, text)).toBe(found))

  it('for nothing that could be found is none', () => {
    for (const q of ['', '   ', '"" …', '👍']) expect(SearchQuery.safeParse({ q }).success).toBe(false)
    expect(SearchQuery.safeParse({ q: 'x'.repeat(201) }).success).toBe(false)
  })

  it('reads moments as they stand in an address', () => {
    expect(SearchQuery.parse({ q: 'boat', before: '1767225600000' })).toEqual({ q: 'boat', before: 1767225600000 })
    for (const before of ['soon', '', 'NaN', '1.5', '-1']) expect(SearchQuery.safeParse({ q: 'boat', before }).success, before).toBe(false)
  })
})
