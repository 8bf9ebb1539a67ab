import { locale } from './t.ts'

/** Costly to make: kept. */
const formatters = new Map<string, Intl.DateTimeFormat>()

/** A moment in the page's language and the device's time zone. */
export function formatDate(at: number, options: Intl.DateTimeFormatOptions): string {
  const name = `${locale()} ${JSON.stringify(options)}`
  let formatter = formatters.get(name)
  if (!formatter) formatters.set(name, (formatter = new Intl.DateTimeFormat(locale(), options)))
  return formatter.format(at)
}

const TIME = { hour: '2-digit', minute: '2-digit' } as const

/** 14:02 */
export const timeOfDay = (at: number): string => formatDate(at, TIME)
/** 14:02:31 */
export const timeWithSeconds = (at: number): string => formatDate(at, { ...TIME, second: '2-digit' })
