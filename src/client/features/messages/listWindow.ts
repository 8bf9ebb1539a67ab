import type { Row } from './rowsFor.ts'
import { WINDOW_CAP, WINDOW_GROW, WINDOW_OPEN } from './timeline.ts'

/**
 * The stretch of a conversation that is in the document, named by the keys of its first and last message so that it stands still while
 * rows come and go around it. `to: null` follows the end.
 */
export type ListWindow = { from: string; to: string | null }

/** The rows of a window, and how many messages lie hidden on either side. */
export type Shown = { rows: readonly Row[]; older: number; newer: number }

/** The newest messages; more of them when `including` (the first unread one, say) is a little further up. */
export function windowAtEnd(rows: readonly Row[], including?: string): ListWindow {
  const messages = messageKeys(rows)
  const wanted = including === undefined ? -1 : messages.indexOf(including)
  const open = Math.max(0, messages.length - WINDOW_OPEN)
  const from = wanted === -1 || messages.length - wanted > WINDOW_CAP ? open : Math.min(open, wanted)
  return { from: messages[from] ?? '', to: null }
}

/** Those on both sides of one message. */
export function windowAround(rows: readonly Row[], key: string): ListWindow {
  const messages = messageKeys(rows)
  const from = Math.max(0, messages.indexOf(key) - WINDOW_OPEN / 2)
  const to = from + WINDOW_OPEN - 1
  return { from: messages[from] ?? '', to: to >= messages.length - 1 ? null : messages[to]! }
}

/** Where a window stands among the messages; a bound that is gone stands for the end it was nearest to. */
function boundsOf(messages: readonly string[], { from, to }: ListWindow): { first: number; last: number } {
  const end = to === null ? -1 : messages.indexOf(to)
  const last = end === -1 ? messages.length - 1 : end
  const start = messages.indexOf(from)
  const first = start === -1 || start > last ? Math.max(0, last + 1 - WINDOW_OPEN) : start
  return { first, last }
}

export function shownRows(rows: readonly Row[], window: ListWindow): Shown {
  const messages = messageKeys(rows)
  const { first, last } = boundsOf(messages, window)
  // the end that is being read wins when something was filled in between
  const cappedFirst = window.to === null ? Math.max(first, last + 1 - WINDOW_CAP) : first
  const cappedLast = Math.min(last, cappedFirst + WINDOW_CAP - 1)
  if (cappedFirst === 0 && cappedLast === messages.length - 1) return { rows, older: 0, newer: 0 }
  let start = rows.findIndex((row) => row.key === messages[cappedFirst])
  // a heading or marker belongs to the message under it
  while (start > 0 && rows[start - 1]!.kind !== 'message') start--
  const after = cappedLast + 1 < messages.length ? rows.findIndex((row) => row.key === messages[cappedLast]) + 1 : rows.length
  return { rows: rows.slice(start, after), older: cappedFirst, newer: messages.length - 1 - cappedLast }
}

/** More of the past; what is furthest from it leaves. */
export function grownOlder(rows: readonly Row[], window: ListWindow): ListWindow {
  const messages = messageKeys(rows)
  const { first, last } = boundsOf(messages, window)
  const from = Math.max(0, first - WINDOW_GROW)
  const to = Math.min(last, from + WINDOW_CAP - 1)
  return { from: messages[from] ?? '', to: to >= messages.length - 1 ? null : messages[to]! }
}

/** More towards the present. */
export function grownNewer(rows: readonly Row[], window: ListWindow): ListWindow {
  const messages = messageKeys(rows)
  const { first, last } = boundsOf(messages, window)
  const to = Math.min(messages.length - 1, last + WINDOW_GROW)
  return { from: messages[Math.max(first, to + 1 - WINDOW_CAP)] ?? '', to: to === messages.length - 1 ? null : messages[to]! }
}

/** After a while at the end: the window is as small again as it was when it was opened. */
export function settledAtEnd(rows: readonly Row[], window: ListWindow): ListWindow {
  const messages = messageKeys(rows)
  const { first } = boundsOf(messages, window)
  return messages.length - first > WINDOW_OPEN + WINDOW_GROW ? windowAtEnd(rows) : window
}

const messageKeys = (rows: readonly Row[]): string[] => rows.flatMap((row) => (row.kind === 'message' ? [row.key] : []))
