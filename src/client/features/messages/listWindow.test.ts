import { describe, expect, it } from 'vitest'
import { grownNewer, grownOlder, settledAtEnd, shownRows, windowAtEnd, type ListWindow } from './listWindow.ts'
import type { MessageRow, Row } from './rowsFor.ts'

const message = (n: number): Row => ({ kind: 'message', key: `m${n}` }) as MessageRow
const list = (count: number): Row[] => Array.from({ length: count }, (_, at) => message(at + 1))
const keys = (rows: readonly Row[]) => rows.map((row) => row.key)

describe('the stretch of a conversation in the document', () => {
  it('opens with the newest 60 messages', () => {
    const rows = list(500)
    const shown = shownRows(rows, windowAtEnd(rows))
    expect(shown).toMatchObject({ older: 440, newer: 0 })
    expect(keys(shown.rows)).toEqual(keys(rows.slice(440)))
  })

  it('opens wide enough for the first unread message', () => {
    const rows = list(500)
    expect(windowAtEnd(rows, 'm400').from).toBe('m400')
    expect(windowAtEnd(rows, 'm490').from).toBe('m441')
    expect(windowAtEnd(rows, 'm10').from).toBe('m441')
  })

  it('keeps a heading with the message under it', () => {
    const rows: Row[] = [message(1), { kind: 'day', key: 'day 1', at: 0 }, message(2), message(3)]
    expect(keys(shownRows(rows, { from: 'm2', to: null }).rows)).toEqual(['day 1', 'm2', 'm3'])
  })

  it('stands still while messages arrive and history is loaded', () => {
    const window = windowAtEnd(list(100))
    const later: Row[] = [{ kind: 'message', key: 'older' } as MessageRow, ...list(102)]
    expect(shownRows(later, window).rows[0]!.key).toBe('m41')
    expect(shownRows(later, window).rows.at(-1)!.key).toBe('m102')
  })

  it('never holds more than 200 messages, however far one goes up and down again', () => {
    const rows = list(1_000)
    let window: ListWindow = windowAtEnd(rows)
    for (let step = 0; step < 30; step++) {
      window = grownOlder(rows, window)
      expect(shownRows(rows, window).rows.length).toBeLessThanOrEqual(200)
    }
    expect(shownRows(rows, window).rows[0]!.key).toBe('m1')
    expect(window.to).toBe('m200')
    for (let step = 0; step < 30; step++) {
      window = grownNewer(rows, window)
      expect(shownRows(rows, window).rows.length).toBeLessThanOrEqual(200)
    }
    expect(window.to).toBeNull()
    expect(shownRows(rows, window).rows.at(-1)!.key).toBe('m1000')
  })

  it('becomes small again at the end', () => {
    const rows = list(300)
    expect(settledAtEnd(rows, { from: 'm150', to: null }).from).toBe('m241')
    expect(settledAtEnd(rows, { from: 'm220', to: null }).from).toBe('m220')
  })

  it('falls back to the newest when its bounds are gone', () => {
    const rows = list(100)
    expect(shownRows(rows, { from: 'gone', to: 'gone' }).rows.length).toBe(60)
  })
})
