/*
 * Times that more than one part of the page shows. Formatters are made once: making one costs more than using it a thousand times.
 */
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' })
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' })
const dayMonth = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const shortDate = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' })
const dayMonthYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' })

/** 3 March 2026 */
export const dateInWords = (at: number): string => dayMonthYear.format(at)

/** Whole local days between two moments. */
function daysBetween(at: number, now: number): number {
  const midnight = (moment: number) => new Date(moment).setHours(0, 0, 0, 0)
  return Math.round((midnight(now) - midnight(at)) / 86_400_000)
}

/** For lists: 14:02, Tue, 3 Mar, 3 Mar 2025. */
export function shortWhen(at: number, now: number): string {
  const ago = daysBetween(at, now)
  if (ago <= 0) return clock.format(at)
  if (ago < 7) return weekday.format(at)
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? dayMonth.format(at) : shortDate.format(at)
}

/** Inside a sentence: "at 14:02", "yesterday at 14:02", "on 3 Mar". */
export function whenWords(at: number, now: number): string {
  const ago = daysBetween(at, now)
  if (ago <= 0) return `at ${clock.format(at)}`
  return ago === 1 ? `yesterday at ${clock.format(at)}` : `on ${dayMonth.format(at)}`
}
