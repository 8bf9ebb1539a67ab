import { describe, expect, it } from 'vitest'
import { composerVerdict } from './composerVerdict.ts'
import { faultWords } from './faultWords.ts'

const family = '👨‍👩‍👧‍👦'

describe('whether a text may be sent', () => {
  it.each([
    ['nothing', ''],
    ['blanks and line breaks', ' \n\t '],
  ])('%s is empty', (_, text) => {
    expect(composerVerdict(text)).toEqual({ name: 'empty' })
  })

  it.each([
    ['one character', 'a'],
    ['just below 90 %', 'a'.repeat(3_599)],
    ['many code units, few characters', family.repeat(400)],
  ])('%s is fine', (_, text) => {
    expect(composerVerdict(text)).toEqual({ name: 'ok' })
  })

  it.each([
    ['a'.repeat(3_600), 400],
    ['a'.repeat(4_000), 0],
    [`${'a'.repeat(3_999)}${family}`, 0],
  ])('near the limit it counts what is left', (text, left) => {
    expect(composerVerdict(text)).toEqual({ name: 'near', left })
  })

  it.each([
    ['a'.repeat(4_001), '1 character too long. Shorten it or send it in parts.'],
    ['a'.repeat(4_012), '12 characters too long. Shorten it or send it in parts.'],
    [family.repeat(1_500), 'About 15 % too long for one message. Shorten it or send it in parts.'],
  ])('beyond it says by how much, and the way out', (text, words) => {
    expect(composerVerdict(text)).toEqual({ name: 'over' })
    expect(faultWords(text)).toBe(words)
  })

  it.each([['a\0b'], ['a\ud800b']])('what is not text can’t be sent', (text) => {
    expect(composerVerdict(text).name).toBe('notText')
    expect(faultWords(text)).toMatch(/can’t be sent/)
  })
})
