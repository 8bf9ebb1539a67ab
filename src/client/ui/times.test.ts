import { expect, it } from 'vitest'
import { DAY_MS, NOON } from '#testing/clientBuilders.ts'
import { shortWhen, whenWords } from './times.ts'

const shown = (at: number, options: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat(undefined, options).format(at)

it.each([
  ['today its time', NOON - 60_000, { hour: '2-digit', minute: '2-digit' }],
  ['a clock that is ahead, too', NOON + 60_000, { hour: '2-digit', minute: '2-digit' }],
  ['in the last week its day', NOON - 3 * DAY_MS, { weekday: 'short' }],
  ['this year its date', NOON - 10 * DAY_MS, { day: 'numeric', month: 'short' }],
  ['before that also its year', NOON - 400 * DAY_MS, { day: 'numeric', month: 'short', year: 'numeric' }],
] as const)('a moment in a list says of %s', (_, at, options) => {
  expect(shortWhen(at, NOON)).toBe(shown(at, options))
})

it('a moment in a sentence says how long ago it was', () => {
  expect(whenWords(NOON, NOON)).toMatch(/^at /)
  expect(whenWords(NOON - DAY_MS, NOON)).toMatch(/^yesterday at /)
  expect(whenWords(NOON - 2 * DAY_MS, NOON)).toMatch(/^on /)
})
