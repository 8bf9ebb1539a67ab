/**
 * Times and days as people read them. All take the moment, a locale and, where "today" matters, the present; the time zone is the
 * device's. Formatters are costly to make and are kept.
 */
const formatters = new Map<string, Intl.DateTimeFormat>()

function format(locale: string, options: Intl.DateTimeFormatOptions, at: number): string {
  const name = `${locale} ${JSON.stringify(options)}`
  let formatter = formatters.get(name)
  if (!formatter) formatters.set(name, (formatter = new Intl.DateTimeFormat(locale, options)))
  return formatter.format(at)
}

const DAY_MS = 86_400_000

/** A number per calendar day of this device; equal for two moments of the same day. */
export function dayOf(at: number): number {
  const date = new Date(at)
  return Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY_MS
}

/** "14:02" */
export const timeOfDay = (at: number, locale: string): string => format(locale, { hour: '2-digit', minute: '2-digit' }, at)
/** For titles and `aria-label`: date and time in full. */
export const dateAndTime = (at: number, locale: string): string => format(locale, { dateStyle: 'full', timeStyle: 'short' }, at)

/** "Today", "Yesterday", "Tuesday, 17 November", with the year when it is another one. */
export function dayHeading(at: number, now: number, locale: string): string {
  const away = dayOf(now) - dayOf(at)
  if (away === 0 || away === 1) {
    const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-away, 'day')
    return words.charAt(0).toLocaleUpperCase(locale) + words.slice(1)
  }
  const isThisYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return format(locale, { weekday: 'long', day: 'numeric', month: 'long', ...(isThisYear ? {} : { year: 'numeric' }) }, at)
}
