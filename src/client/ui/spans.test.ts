import { describe, expect, it } from 'vitest'
import { spanInWords } from './spans.ts'

describe('a length of time', () => {
  it.each([
    [0, '1 second'],
    [400, '1 second'],
    [40_000, '40 seconds'],
    [60_000, '1 minute'],
    [61_000, '2 minutes'],
    [3_600_000, '1 hour'],
    [90 * 60_000, '2 hours'],
    [7 * 86_400_000, '7 days'],
  ])('%i ms is said rounded up, in the largest unit that fits: %s', (ms, words) => {
    expect(spanInWords(ms)).toBe(words)
  })
})
