import { formatDate, timeOfDay } from '#client/words/formatDate.ts'
import { t } from '#client/words/t.ts'

const DAY_MONTH = { day: 'numeric', month: 'short' } as const

/** 3 March 2026 */
export const dateInWords = (at: number): string => formatDate(at, { day: 'numeric', month: 'long', year: 'numeric' })

/** Whole local days between two moments. */
function daysBetween(at: number, now: number): number {
  const midnight = (moment: number) => new Date(moment).setHours(0, 0, 0, 0)
  return Math.round((midnight(now) - midnight(at)) / 86_400_000)
}

/** For lists: 14:02, Tue, 3 Mar, 3 Mar 2025. */
export function shortWhen(at: number, now: number): string {
  const ago = daysBetween(at, now)
  if (ago <= 0) return timeOfDay(at)
  if (ago < 7) return formatDate(at, { weekday: 'short' })
  return new Date(at).getFullYear() === new Date(now).getFullYear() ? formatDate(at, DAY_MONTH) : formatDate(at, { ...DAY_MONTH, year: 'numeric' })
}

/** Inside a sentence: "at 14:02", "yesterday at 14:02", "on 3 Mar". */
export function whenWords(at: number, now: number): string {
  const ago = daysBetween(at, now)
  if (ago <= 0) return t('at {time}', { time: timeOfDay(at) })
  return ago === 1 ? t('yesterday at {time}', { time: timeOfDay(at) }) : t('on {day}', { day: formatDate(at, DAY_MONTH) })
}
