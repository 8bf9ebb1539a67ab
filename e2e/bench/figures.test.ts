import { describe, expect, it } from 'vitest'
import { median, percentile, rounded } from './figures.ts'

const oneToHundred = Array.from({ length: 100 }, (_, i) => 100 - i)

describe('figures', () => {
  it('name the sample below which a share of the samples lies', () => {
    expect(percentile(oneToHundred, 0.5)).toBe(50)
    expect(percentile(oneToHundred, 0.99)).toBe(99)
    expect(percentile(oneToHundred, 1)).toBe(100)
    expect(percentile([7], 0.99)).toBe(7)
  })

  it('sort by size, not by spelling, and leave the samples as they were', () => {
    const samples = [10, 9, 2]
    expect(median(samples)).toBe(9)
    expect(samples).toEqual([10, 9, 2])
  })

  it('take the mean of the middle two of an even number', () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  it('say so when there are no samples', () => {
    expect(median([])).toBeNaN()
    expect(percentile([], 0.5)).toBeNaN()
  })

  it('keep whole numbers above a thousand and three digits below', () => {
    expect(rounded(59_100.4)).toBe(59_100)
    expect(rounded(0.123456)).toBe(0.123)
  })
})
