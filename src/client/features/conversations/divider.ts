import type { ChatMessage } from '#protocol/message.ts'
import type { UserId } from '#protocol/ids.ts'
import type { ConversationEntry } from './conversationsSlice.ts'
import { readFloor, unreadOf } from './unread.ts'

/** "N new while you were away", above the first message after `afterSeq`. It stays put until the person leaves or writes. */
export type Divider = {
  afterSeq: number
  count: number
  /** Messages up to here are in `count`, however often they are reported. */
  countedThrough: number
  /** Number of the absence it stands for. */
  absence: number
}

/** The divider for what is unread at the moment a conversation is opened. */
export function dividerAtEntry(entry: ConversationEntry, absence: number): Divider | null {
  const count = unreadOf(entry)
  return count === 0 ? null : { afterSeq: readFloor(entry), count, countedThrough: entry.head.seq, absence }
}

/**
 * The divider after messages were added that had been missed. An absence that is still being caught up, or one whose messages nobody
 * has read yet, goes on counting; otherwise a new absence gets a new divider.
 */
export function dividerAfter(
  before: Divider | null,
  added: { firstSeq: number; throughSeq: number; count: number },
  readThrough: number,
  absence: number,
): Divider | null {
  if (added.count === 0) return before && { ...before, countedThrough: Math.max(before.countedThrough, added.throughSeq) }
  if (before && (before.absence === absence || readThrough < before.countedThrough)) {
    return { ...before, count: before.count + added.count, countedThrough: added.throughSeq }
  }
  return { afterSeq: added.firstSeq - 1, count: added.count, countedThrough: added.throughSeq, absence }
}

/** What of these messages is new to the reader: others' messages after `shownThrough`. */
export function addedBy(
  messages: readonly ChatMessage[],
  me: UserId | null,
  shownThrough: number,
): { firstSeq: number; throughSeq: number; count: number } {
  const fresh = messages.filter((message) => message.seq > shownThrough)
  const others = fresh.filter((message) => message.sender !== me)
  return { firstSeq: others[0]?.seq ?? 0, throughSeq: fresh.at(-1)?.seq ?? shownThrough, count: others.length }
}
