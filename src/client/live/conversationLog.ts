import type { ConversationFacts } from '#protocol/conversation.ts'
import { CHAIN_START, type ConversationId } from '#protocol/ids.ts'
import { isKnown, messageAfter, type LogEvent, type UnknownEvent } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { Head, Position, Reset } from '#protocol/sync.ts'
import { NOWHERE, type Place, type StoredConversation } from './storage.ts'

/**
 * What this tab knows of one conversation's log: the highest rev below which nothing is missing, and what came too early.
 * Pure bookkeeping; `catchUp.ts` fetches what is missing.
 */
export type ConversationLog = {
  readonly conv: ConversationId
  /** How often the past turned out not to be the server's: what was begun in one past means nothing in the next. */
  past: number
  rev: number
  seq: number
  h: string
  /** The furthest it has been, and the screen still is, when it had to go back to where the storage stands. */
  furthest: Place
  marksRev: number
  facts: ConversationFacts
  /** The rev the facts are of: they may be newer than the log while it catches up. */
  factsRev: number
  lastMessage: ChatMessage | null
  /** The highest rev the server is known to have. */
  headRev: number
  /** Events above a hole. */
  early: Map<number, LogEvent | UnknownEvent>
  /** The last events, so that a page read a moment ago can be brought up to date. */
  recent: LogEvent[]
  /** The hashes of the last entries, by which another past is told from this one. */
  trail: Map<number, string>
}

/** How many events a page may be behind; a page in flight meets far fewer. */
const RECENT_MAX = 500

export function logFromStore(stored: StoredConversation): ConversationLog {
  const { conv, rev, seq, h, marksRev, facts, lastMessage } = stored
  const place = { rev, h }
  const known = { conv, past: 0, ...place, furthest: place, seq, marksRev, facts, factsRev: rev, lastMessage, headRev: rev }
  return { ...known, early: new Map(), recent: [], trail: new Map([[rev, h]]) }
}

/** A conversation this device has never held: nothing is known of its log. */
export function freshLog(head: Head): ConversationLog {
  return {
    conv: head.facts.id,
    past: 0,
    rev: 0,
    seq: 0,
    h: CHAIN_START,
    furthest: NOWHERE,
    marksRev: head.marksRev,
    facts: head.facts,
    factsRev: head.rev,
    lastMessage: null,
    headRev: head.rev,
    early: new Map(),
    recent: [],
    trail: new Map(),
  }
}

export const positionOf = ({ rev, h, marksRev }: Place & { marksRev: number }): Position => [rev, h, marksRev]

/** What the server is asked about: whether all that was ever shown of it is of its past. */
export const furthestOf = (log: ConversationLog): Position => positionOf({ ...log, ...log.furthest })

/** This log has been there; before its first entry no past is another one. */
export const hasPassed = (log: ConversationLog, { rev, h }: Place): boolean => rev === 0 || log.trail.get(rev) === h

/** Something is known to exist that is not here. */
export const isBehind = (log: ConversationLog): boolean => log.headRev > log.rev || log.early.size > 0

/** Takes events from the wire and returns those that are now contiguous, ascending; the others wait in `early`. */
export function received(log: ConversationLog, events: readonly (LogEvent | UnknownEvent)[]): (LogEvent | UnknownEvent)[] {
  for (const event of events) {
    if (event.rev <= log.rev) continue
    log.early.set(event.rev, event)
    log.headRev = Math.max(log.headRev, event.rev)
  }
  const ready: (LogEvent | UnknownEvent)[] = []
  for (let event = log.early.get(log.rev + 1); event; event = log.early.get(log.rev + 1)) {
    log.early.delete(event.rev)
    advance(log, event)
    ready.push(event)
  }
  return ready
}

function advance(log: ConversationLog, event: LogEvent | UnknownEvent): void {
  standAt(log, event.rev, event.h)
  if (!isKnown(event)) return
  log.recent.push(event)
  if (log.recent.length > RECENT_MAX) log.recent.shift()
  if (event.kind === 'new') {
    log.seq = event.message.seq
    log.lastMessage = event.message
  } else if (log.lastMessage) log.lastMessage = messageAfter(log.lastMessage, event)
  if (event.rev > log.factsRev) learnFacts(log, factsAfter(log.facts, event), log.marksRev, event.rev)
}

function standAt(log: ConversationLog, rev: number, h: string): void {
  log.rev = rev
  log.h = h
  if (rev >= log.furthest.rev) log.furthest = { rev, h }
  log.trail.set(rev, h)
  log.trail.delete(rev - RECENT_MAX)
}

/** Name, members and marks as of a rev of the log. */
function learnFacts(log: ConversationLog, facts: ConversationFacts, marksRev: number, rev: number): void {
  log.facts = facts
  log.marksRev = marksRev
  log.factsRev = rev
}

/** What the server answered about a conversation. A push may have overtaken it: facts never become older, marks never go back. */
export function learnHead(log: ConversationLog, head: Pick<Head, 'rev' | 'facts' | 'marksRev'>): void {
  const before = log.facts
  const facts = head.rev >= log.factsRev ? head.facts : before
  const other = facts === before ? head.facts : before
  const members = facts.members.map((member) =>
    furthest(
      member,
      other.members.find(({ id }) => id === member.id),
    ),
  )
  learnFacts(log, { ...furthest(facts, other), members }, Math.max(log.marksRev, head.marksRev), Math.max(log.factsRev, head.rev))
}

const furthest = <T extends { delivered: number; read: number }>(a: T, b: { delivered: number; read: number } | undefined): T => ({
  ...a,
  delivered: Math.max(a.delivered, b?.delivered ?? 0),
  read: Math.max(a.read, b?.read ?? 0),
})

/** Starts the log anew at the server's newest page; what came early beyond it is kept. */
export function restarted(log: ConversationLog, reset: Reset): void {
  log.trail.clear()
  log.furthest = NOWHERE
  standAt(log, reset.rev, reset.h)
  log.seq = reset.seq
  learnHead(log, reset)
  log.lastMessage = reset.messages.at(-1) ?? null
  log.headRev = Math.max(log.headRev, reset.rev)
  log.recent = []
  for (const rev of [...log.early.keys()]) if (rev <= reset.rev) log.early.delete(rev)
}

/** Nothing held of this log counts any more. */
export function forgotten(log: ConversationLog): void {
  const nowhere = { delivered: 0, read: 0 }
  const members = log.facts.members.map((member) => ({ ...member, ...nowhere }))
  Object.assign(log, { ...NOWHERE, furthest: NOWHERE, seq: 0, headRev: 0, lastMessage: null, recent: [], trail: new Map(), marksRev: 0, factsRev: 0 })
  log.facts = { ...log.facts, ...nowhere, members }
  log.past++
  log.early.clear()
}

/** Back to what is stored, after another tab or an aborted transaction left the store behind this tab. */
export function rolledBack(log: ConversationLog, stored: StoredConversation): void {
  log.headRev = Math.max(log.headRev, log.rev)
  standAt(log, stored.rev, stored.h)
  log.seq = stored.seq
}

/** Messages read elsewhere, brought up to date with what happened meanwhile. */
export const messagesAfter = (messages: readonly ChatMessage[], events: readonly LogEvent[]): ChatMessage[] =>
  messages.map((message) => events.reduce(messageAfter, message))

/** What this person wrote, as it was when it arrived. */
export const messagesOf = (user: string, events: readonly LogEvent[]): ChatMessage[] =>
  events.flatMap((event) => (event.kind === 'new' && event.message.sender === user ? [event.message] : []))

/** Members and name after an event of the log. */
export function factsAfter(facts: ConversationFacts, event: LogEvent): ConversationFacts {
  switch (event.kind) {
    case 'meta':
      return { ...facts, name: event.name }
    case 'join': {
      const known = facts.members.some((member) => member.id === event.person.id)
      const member = { ...event.person, role: event.role, delivered: event.afterSeq, read: event.afterSeq, since: event.afterSeq }
      const listed = facts.members.length > 0 && !known
      return known ? facts : { ...facts, memberCount: facts.memberCount + 1, members: listed ? [...facts.members, member] : facts.members }
    }
    case 'leave':
      return { ...facts, memberCount: facts.memberCount - 1, members: facts.members.filter((member) => member.id !== event.person.id) }
    default:
      return facts
  }
}

/**
 * A person's watermarks moved. `marksRev` is followed only without a hole. Returns false when something before it is not here: marks, or a
 * member who came without a line in the log, as into the lobby. An exchange of heads brings it.
 */
export function marksAfter(log: ConversationLog, me: string, change: { user: string; delivered: number; read: number; marksRev: number }): boolean {
  const isNext = change.marksRev <= log.marksRev + 1
  if (isNext) log.marksRev = Math.max(log.marksRev, change.marksRev)
  const members = log.facts.members.map((member) => (member.id === change.user ? furthest(member, change) : member))
  log.facts = change.user === me ? furthest({ ...log.facts, members }, change) : { ...log.facts, members }
  // Big conversations tell everybody only their own marks; there holes are the rule.
  return isNext || members.length === 0
}
