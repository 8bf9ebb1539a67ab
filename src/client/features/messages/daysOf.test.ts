import { describe, expect, it } from 'vitest'
import { DAY_MS, NOON } from '#testing/clientBuilders.ts'
import { dayOf } from './clock.ts'
import { daysOf } from './daysOf.ts'
import type { MessageRow, Row } from './rowsFor.ts'

const message = (key: string, at: number): Row => ({ kind: 'message', key, at }) as MessageRow
const heading = (at: number): Row => ({ kind: 'day', key: `day ${dayOf(at)}`, at })
const divider: Row = { kind: 'divider', key: 'divider', count: 1 }
const shape = (rows: Row[]) => daysOf(rows).map((day) => [day.key, day.heading !== null, day.rows.map((row) => row.key)])
const today = `day ${dayOf(NOON)}`
const yesterday = `day ${dayOf(NOON - DAY_MS)}`

describe('rows by day', () => {
  it('puts each row under the heading before it', () => {
    const rows = [heading(NOON - DAY_MS), message('a', NOON - DAY_MS), divider, heading(NOON), message('b', NOON)]
    expect(shape(rows)).toEqual([
      [yesterday, true, ['a', 'divider']],
      [today, true, ['b']],
    ])
  })

  it('names a day that begins before the window as it is named when its heading is there', () => {
    expect(shape([message('a', NOON)])).toEqual([[today, false, ['a']]])
    expect(shape([heading(NOON), message('a', NOON)])).toEqual([[today, true, ['a']]])
  })

  it('keeps a marker at the top with what follows it', () => {
    expect(shape([divider, message('a', NOON)])).toEqual([[today, false, ['divider', 'a']]])
    expect(shape([divider, heading(NOON), message('a', NOON)])).toEqual([[today, true, ['divider', 'a']]])
    expect(shape([])).toEqual([])
  })
})
