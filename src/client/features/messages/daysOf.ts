import { dayOf } from './clock.ts'
import type { DayRow, Row } from './rowsFor.ts'

/** The rows of one calendar day. `heading` is missing where the window begins within a day. */
export type Day = { key: string; heading: DayRow | null; rows: Exclude<Row, DayRow>[] }

/** Rows by day, so that the heading of a day floats over its own rows only. A day has the same key with and without its heading. */
export function daysOf(rows: readonly Row[]): Day[] {
  const days: Day[] = []
  const early: Exclude<Row, DayRow>[] = []
  for (const row of rows) {
    if (row.kind === 'day') days.push({ key: row.key, heading: row, rows: early.splice(0) })
    else if (days.length > 0) days.at(-1)!.rows.push(row)
    else if ('at' in row) days.push({ key: `day ${dayOf(row.at)}`, heading: null, rows: [...early.splice(0), row] })
    // a marker has no day of its own: it goes with what follows
    else early.push(row)
  }
  if (early.length > 0) days.push({ key: 'day', heading: null, rows: early })
  return days
}
