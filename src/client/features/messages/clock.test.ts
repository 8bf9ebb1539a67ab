import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { timeOfDay } from '#client/words/formatDate.ts'
import { speak } from '#client/words/t.ts'
import { DAY_MS, NOON } from '#testing/clientBuilders.ts'
import { dayHeading, dayOf } from './clock.ts'

/** NOON is Friday, 20 November 2026. */
const at = (month: number, day: number, hour = 12, minute = 0, second = 0) => new Date(2026, month - 1, day, hour, minute, second).getTime()

beforeEach(() => speak({ language: 'en-GB', direction: 'ltr', words: {} }))
afterEach(() => speak(undefined))

describe('days', () => {
  it('are those of the device, midnight to midnight', () => {
    expect(dayOf(at(11, 20, 0)) - dayOf(at(11, 19, 23, 59, 59))).toBe(1)
    expect(dayOf(at(11, 20, 0))).toBe(dayOf(at(11, 20, 23, 59, 59)))
  })

  it.each([
    [NOON, /^Today$/],
    [at(11, 19, 23), /^Yesterday$/],
    [at(11, 17), /^Tuesday,? 17 November$/],
    [NOON - 400 * DAY_MS, /^Thursday,? 16 October 2025$/],
  ])('have a heading', (moment, words) => {
    expect(dayHeading(moment, NOON)).toMatch(words)
  })

  it('have one in other languages', () => {
    speak({ language: 'de', direction: 'ltr', words: {} })
    expect(dayHeading(at(11, 19), NOON)).toBe('Gestern')
  })
})

describe('times', () => {
  it('are short in messages', () => {
    expect(timeOfDay(at(11, 20, 14, 2, 31))).toBe('14:02')
  })
})
