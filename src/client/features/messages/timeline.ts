import type { Cursor } from '#client/live/facts.ts'
import { messageAfter, type LogEvent, type Note } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'

/**
 * The stored messages of one conversation that are held in this tab: ascending by seq, each seq once. Seqs have no holes on the server,
 * so a jump between two neighbours is exactly a stretch that is not loaded; segments and gaps are read off the list, never kept beside it.
 */
export type Timeline = {
  messages: readonly ChatMessage[]
  /** Joins, leaves and renames; ascending by rev, each once. */
  notes: readonly Note[]
  /** Nothing is missing in the log up to here. */
  through: Cursor | null
  /** Nothing this person may see lies before the first message. */
  start: boolean
}

export const EMPTY: Timeline = { messages: [], notes: [], through: null, start: false }

/** Is the first message held the first this person may see? `visibleFrom`: seqs up to here are hidden from them. */
export function reachesStart(timeline: Timeline, visibleFrom: number): boolean {
  const first = timeline.messages[0]?.seq ?? (timeline.through === null ? Infinity : timeline.through.seq + 1)
  return timeline.start || first <= visibleFrom + 1
}

/** Messages on screen at first, added by each page of history, and at most. */
export const WINDOW_OPEN = 60
export const WINDOW_GROW = 40
export const WINDOW_CAP = 200

/** What lies further up and is not held was let go, or never loaded: what comes about it was asked for before that. */
export const isInSight = ({ messages }: Timeline, seq: number): boolean => seq > (messages.at(-1)?.seq ?? 0) || indexOfSeq(messages, seq) >= 0

/** After new entries of the log. Whatever was applied before changes nothing. */
export function afterEvents(timeline: Timeline, events: readonly LogEvent[], through: Cursor): Timeline {
  const fresh = events.flatMap((event) => (event.kind === 'new' && isInSight(timeline, event.message.seq) ? [event.message] : []))
  const notes = events.filter((event): event is Note => event.kind === 'join' || event.kind === 'leave' || event.kind === 'meta')
  // Another message in the same place: the server's past is another one than what is shown, and the log is its word.
  const isOther = fresh.some((message) => (timeline.messages[indexOfSeq(timeline.messages, message.seq)]?.id ?? message.id) !== message.id)
  const held = isOther
    ? timeline.messages.filter((message) => fresh.every(({ id, seq }) => seq !== message.seq || id === message.id))
    : timeline.messages
  const messages = withMessages(held, fresh)
  return {
    ...timeline,
    messages: withChanges(messages, events),
    notes: withNotes(timeline.notes, notes),
    through: further(timeline.through, through),
  }
}

/**
 * After the newest page came. The server's page is the truth for its range: what is held there and not in the page is gone. What lies
 * below it stays, behind a gap. A page from the cache adds to what is held and never takes anything away.
 */
export function afterReset(
  timeline: Timeline,
  page: { messages: readonly ChatMessage[]; notes: readonly Note[]; through: Cursor; fromCache: boolean },
): Timeline {
  const { through, fromCache } = page
  const from = page.messages[0]?.seq ?? through.seq + 1
  const kept = fromCache
    ? timeline
    : {
        ...timeline,
        messages: timeline.messages.filter((message) => message.seq < from),
        notes: timeline.notes.filter((note) => note.rev <= through.rev),
      }
  const known = fromCache ? [] : timeline.messages.filter((message) => message.seq >= from)
  const messages = page.messages.map((message) =>
    newest(
      message,
      known.find((held) => held.id === message.id && held.version <= through.rev),
    ),
  )
  return {
    ...kept,
    messages: withMessages(kept.messages, messages),
    notes: withNotes(kept.notes, page.notes),
    through: fromCache ? further(timeline.through, through) : through,
    start: kept.messages.length > 0 || fromCache ? timeline.start : from === 1,
  }
}

/** After a page of history. */
export function afterHistory(timeline: Timeline, page: { messages: readonly ChatMessage[]; notes: readonly Note[]; start: boolean }): Timeline {
  return {
    ...timeline,
    messages: withMessages(timeline.messages, page.messages),
    notes: withNotes(timeline.notes, page.notes),
    start: timeline.start || page.start,
  }
}

/** What somebody may see who was removed and came back: nothing from before, not even what was on their screen, for it is not kept up to date. */
export function visibleOf(timeline: Timeline, visibleFrom: number): Timeline {
  const messages = timeline.messages.filter((message) => message.seq > visibleFrom)
  return { ...timeline, messages, notes: timeline.notes.filter((note) => note.afterSeq >= visibleFrom) }
}

/** The newest `count` messages and what belongs to them; the same object when nothing has to go. */
export function newestOf(timeline: Timeline, count: number): Timeline {
  if (timeline.messages.length <= count) return timeline
  const messages = timeline.messages.slice(-count)
  const from = messages[0]?.seq ?? 0
  return { ...timeline, messages, notes: timeline.notes.filter((note) => note.afterSeq >= from), start: false }
}

/** Stretches of neighbouring seqs, ascending. */
export function segmentsOf(messages: readonly ChatMessage[]): ChatMessage[][] {
  const segments: ChatMessage[][] = []
  for (const message of messages) {
    const last = segments.at(-1)
    if (last && last.at(-1)!.seq + 1 === message.seq) last.push(message)
    else segments.push([message])
  }
  return segments
}

const newest = (a: ChatMessage, b: ChatMessage | undefined): ChatMessage => (b && b.version >= a.version ? b : a)
const further = (a: Cursor | null, b: Cursor): Cursor => (a && a.rev >= b.rev ? a : b)
/** Client ids are unique per writer only. */
const writing = (message: ChatMessage): string => `${message.sender} ${message.clientId}`

/** Held and new messages in order of seq: each server id and each writing once, and of two versions the higher. */
function withMessages(held: readonly ChatMessage[], added: readonly ChatMessage[]): readonly ChatMessage[] {
  if (added.length === 0) return held
  const ascending = [...added].sort((a, b) => a.seq - b.seq || a.version - b.version)
  const lastHeld = held.at(-1)?.seq ?? 0
  const bySeq = new Map<number, ChatMessage>()
  for (const message of held) bySeq.set(message.seq, message)
  const seqOf = new Map<string, number>()
  for (const message of held) {
    seqOf.set(message.id, message.seq)
    seqOf.set(writing(message), message.seq)
  }
  let changed = false
  for (const message of ascending) {
    for (const name of [message.id, writing(message)]) {
      const seq = seqOf.get(name)
      if (seq !== undefined && seq !== message.seq && bySeq.delete(seq)) changed = true
      seqOf.set(name, message.seq)
    }
    const before = bySeq.get(message.seq)
    if (before && before.version >= message.version) continue
    bySeq.set(message.seq, message)
    changed = true
  }
  if (!changed) return held
  const messages = [...bySeq.values()]
  return ascending[0]!.seq > lastHeld ? messages : messages.sort((a, b) => a.seq - b.seq)
}

/** Edits, deletions and reactions, each at its message's place. */
function withChanges(messages: readonly ChatMessage[], events: readonly LogEvent[]): readonly ChatMessage[] {
  let changed: ChatMessage[] | undefined
  for (const event of events) {
    if (!('messageId' in event)) continue
    const at = indexOfSeq(changed ?? messages, event.seq)
    const before = (changed ?? messages)[at]
    if (!before) continue
    const after = messageAfter(before, event)
    if (after === before) continue
    changed ??= [...messages]
    changed[at] = after
  }
  return changed ?? messages
}

/** Where the message with this seq stands, or -1. */
export function indexOfSeq(messages: readonly ChatMessage[], seq: number): number {
  let low = 0
  let high = messages.length - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const found = messages[middle]!.seq
    if (found === seq) return middle
    if (found < seq) low = middle + 1
    else high = middle - 1
  }
  return -1
}

function withNotes(held: readonly Note[], added: readonly Note[]): readonly Note[] {
  const fresh = added.filter((note) => !held.some((known) => known.rev === note.rev))
  return fresh.length === 0 ? held : [...new Map([...held, ...fresh].map((note) => [note.rev, note])).values()].sort((a, b) => a.rev - b.rev)
}
