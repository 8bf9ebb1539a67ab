import { describe, expect, it } from 'vitest'
import { excerpt, piecesOf } from './excerpt.ts'

const marked = (text: string, query: string) => piecesOf(text, query).map(({ text: part, isFound }) => (isFound ? `[${part}]` : part))

describe('the words that were found', () => {
  it.each([
    ['The boat and the Boathouse', 'boat', 'The [boat] and the [Boathouse]'],
    ['The boat and the Boathouse', 'boat ', 'The [boat] and the Boathouse'],
    ['Café, cafe!', 'CAFÉ', '[Café], [cafe]!'],
    ["I don't, t", "don't", "I [don't], t"],
    ['the boat is blue, it is', '"boat is"', 'the [boat is] blue, it is'],
    ['今日は京都です', '京都', '今日は[京都]です'],
    ['nothing', 'boat', 'nothing'],
    ['', 'boat', ''],
  ])('of “%s” for %s', (text, query, shown) => expect(marked(text, query).join('')).toBe(shown))

  it('leave the text as it is', () => {
    const text = 'a <b>boat</b>\n\n👨‍👩‍👧 a boat'
    expect(
      piecesOf(text, 'boat')
        .map((piece) => piece.text)
        .join(''),
    ).toBe(text)
  })
})

describe('an excerpt', () => {
  const line = (text: string, query: string) =>
    excerpt(text, query)
      .map((piece) => piece.text)
      .join('')

  it('of a short text is all of it, on one line', () => expect(line('a boat\n\nof ours', 'boat')).toBe('a boat of ours'))

  it('of a long one begins shortly before what was found', () => {
    const long = `${'many words '.repeat(100)}boat ${'and more '.repeat(100)}`
    expect(line(long, 'boat')).toMatch(/^…(many )?words many .*boat and more .*…$/)
    expect(line(long, 'boat').length).toBeLessThan(300)
  })

  it('never cuts a sign in two', () => {
    for (let n = 0; n < 4; n++)
      for (const text of [`boat ${'x'.repeat(n)}${'👍'.repeat(400)}`, `${'x'.repeat(n)}${'👍'.repeat(400)} boat`])
        expect(line(text, 'boat').isWellFormed(), text).toBe(true)
  })
})
