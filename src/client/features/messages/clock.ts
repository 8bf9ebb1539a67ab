import { formatDate } from '#client/words/formatDate.ts'
import { locale } from '#client/words/t.ts'

const DAY_MS = 86_400_000

/** A number per calendar day of this device; equal for two moments of the same day. */
export function dayOf(at: number): number {
  const date = new Date(at)
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS
}

/** For titles and `aria-label`: date and time in full. */
export const dateAndTime = (at: number): string => formatDate(at, { dateStyle: 'full', timeStyle: 'short' })

/** "Today", "Yesterday", "Tuesday, 17 November", with the year when it is another one. */
export function dayHeading(at: number, now: number): string {
  const away = dayOf(now) - dayOf(at)
  if (away === 0 || away === 1) {
    const words = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(-away, 'day')
    return words.charAt(0).toLocaleUpperCase(locale()) + words.slice(1)
  }
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return formatDate(at, { weekday: 'long', day: 'numeric', month: 'long', ...(isThisYear ? {} : { year: 'numeric' }) })
}
