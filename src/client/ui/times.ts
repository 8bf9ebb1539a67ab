/*
 * Times that more than one part of the page shows. Formatters are made once: making one costs more than using it a thousand times.
 */
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const clockWithSeconds = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' })
const dayMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const dayMonthYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' })

/** 14:02:31 */
export const timeWithSeconds = (at: number): string => clockWithSeconds.format(at)
/** 3 March 2026 */
export const dateInWords = (at: number): string => dayMonthYear.format(at)

/** Whole local days between two moments. */
function daysBetween(at: number, now: number): number {
  const midnight = (moment: number) => new Date(moment).setHours(0, 0, 0, 0)
  return Math.round((midnight(now) - midnight(at)) / 86_400_000)
}

/** For lists: 14:02, Tue, 3 Mar. */
export function shortWhen(at: number, now: number): string {
  const ago = daysBetween(at, now)
  if (ago <= 0) return clock.format(at)
  return ago < 7 ? weekday.format(at) : dayMonth.format(at)
}

/** Inside a sentence: "at 14:02", "yesterday at 14:02", "on 3 Mar". */
export function whenWords(at: number, now: number): string {
  const ago = daysBetween(at, now)
  if (ago <= 0) return `at ${clock.format(at)}`
  return ago === 1 ? `yesterday at ${clock.format(at)}` : `on ${dayMonth.format(at)}`
}
