import type { RequestOf, AnswerOf } from '#protocol/events.ts'
import type { ConversationId, MessageId } from '#protocol/ids.ts'
import { ANSWER_BYTES, PAGE_MAX, PULL_BYTES_MAX, PULL_RESET_BEYOND, RESET_MESSAGES } from '#protocol/limits.ts'
import type { Note } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { Position, Reset, UserEvent } from '#protocol/sync.ts'
import { Refused, type ConversationRow, type ReadTx } from '#server/storage/store.ts'
import { asSeenBy } from './asSeenBy.ts'
import { bytesOf, upToBytes } from './answerSize.ts'
import type { Core, Identity } from './core.ts'
import { factsFor } from './facts.ts'
import { placeOf, type Place } from './membership.ts'

/**
 * Where the person's conversations stand, compared with where a client says it stands: only what differs, newest first. Nothing a
 * client should have depends on anything but asking this.
 */
export async function headsFor(
  core: Core,
  who: Identity,
  { convs: positions }: Pick<RequestOf<'sync:heads'>, 'convs'>,
): Promise<AnswerOf<'sync:heads'>> {
  return core.store.read(async (tx) => {
    const answer: AnswerOf<'sync:heads'> = { heads: {}, left: [], diverged: [], urev: await tx.urev(who.user) }
    const joined = new Set<string>()
    for (const { conversation, membership } of await tx.conversationsOf(who.user)) {
      const { id, rev, seq, h, marksRev } = conversation
      joined.add(id)
      const position = positions[id]
      const isAsHeld = position?.[0] === rev && position[1] === h && position[2] === marksRev
      // what somebody reads without showing it moves nothing that everybody could see
      if (isAsHeld && membership.read === membership.readShown) continue
      answer.heads[id] = { rev, seq, h, marksRev, facts: await factsFor(tx, { conversation, membership }) }
      if (position && (await isDiverged(tx, conversation, position))) answer.diverged.push(id)
    }
    answer.left = (Object.keys(positions) as ConversationId[]).filter((id) => !joined.has(id))
    return answer
  })
}

/** Was the client told another past than ours? A backup was restored, then. */
async function isDiverged(tx: ReadTx, conversation: ConversationRow, [rev, h]: Position): Promise<boolean> {
  if (rev === 0) return false
  if (rev > conversation.rev) return true
  const ours = rev === conversation.rev ? conversation.h : await tx.hashAt(conversation.id, rev)
  return ours !== undefined && ours !== h
}

/** Everything after `from`, complete and contiguous; or the newest page alone when there is no way from there, or too long a one. */
export async function pull(
  core: Core,
  who: Identity,
  { conv, from, limit = PAGE_MAX, bytes = ANSWER_BYTES }: RequestOf<'sync:pull'>,
): Promise<AnswerOf<'sync:pull'>> {
  return core.store.read(async (tx) => {
    const place = await placeOf(tx, who, 'log:read', conv)
    const { conversation, membership } = place
    const head = conversation.rev
    const firstReachable = Math.max(conversation.floorRev + 1, membership.joinedRev, 1)
    const reachable = from > 0 && from + 1 >= firstReachable && from <= head && head - from <= PULL_RESET_BEYOND
    if (!reachable) return { reset: await resetFor(tx, place) }

    const stored = await tx.events(conv, from, Math.min(limit, PAGE_MAX))
    const whole = stored.every((event, i) => event.rev === from + 1 + i) && (from === head || stored.length > 0)
    if (!whole) return { reset: await resetFor(tx, place) }
    const events = upToBytes(
      stored.map((event) => asSeenBy(membership, event)),
      bytesOf,
      Math.min(bytes, PULL_BYTES_MAX),
    )
    return { from, to: from + events.length, head, events }
  })
}

async function resetFor(tx: ReadTx, place: Place): Promise<Reset> {
  const { conversation, membership } = place
  const { rev, h, seq, marksRev, id } = conversation
  const newest = await tx.messages(id, { after: membership.visibleFrom, before: seq + 1, limit: RESET_MESSAGES, from: 'end' })
  const facts = await factsFor(tx, place)
  const messages = await newestWithin(tx, newest, ANSWER_BYTES - bytesOf(facts))
  return { rev, h, seq, messages, notes: await notesBetween(tx, place, messages, seq), marksRev, facts }
}

/** A page of messages, older or newer than a place; nothing from before the person may look. Throws `E_NOT_FOUND` for a message they can't see. */
export async function historyPage(core: Core, who: Identity, { conv, at, limit }: RequestOf<'history:page'>): Promise<AnswerOf<'history:page'>> {
  return core.store.read(async (tx) => {
    const place = await placeOf(tx, who, 'log:read', conv)
    const { visibleFrom } = place.membership
    const { rev, seq } = place.conversation
    const older = (before: number, most: number) => tx.messages(conv, { after: visibleFrom, before, limit: most, from: 'end' })
    const newer = (after: number, most: number) =>
      tx.messages(conv, { after: Math.max(after, visibleFrom), before: seq + 1, limit: most, from: 'start' })

    let messages: ChatMessage[]
    /** Notes after this one belong to the next page. */
    let through: number
    if ('beforeSeq' in at) {
      messages = await newestWithin(tx, await older(at.beforeSeq, limit), ANSWER_BYTES)
      through = at.beforeSeq - 1
    } else if ('afterSeq' in at) {
      messages = await oldestWithin(tx, await newer(at.afterSeq, limit), ANSWER_BYTES)
      through = messages.at(-1)?.seq ?? seq
    } else {
      const middle = 'aroundSeq' in at ? at.aroundSeq : await seqOf(tx, place, at.around)
      const before = await newestWithin(tx, await older(middle, limit >> 1), ANSWER_BYTES / 2)
      messages = [...before, ...(await oldestWithin(tx, await newer(middle - 1, limit - before.length), ANSWER_BYTES / 2))]
      through = messages.at(-1)?.seq ?? seq
    }
    const start = await isStart(tx, place, messages[0]?.seq ?? through + 1)
    return { messages, notes: await notesBetween(tx, place, messages, Math.min(through, seq)), start, rev }
  })
}

async function seqOf(tx: ReadTx, { conversation, membership }: Place, id: MessageId): Promise<number> {
  const message = await tx.message(id)
  if (message?.conv !== conversation.id || message.seq <= membership.visibleFrom) throw new Refused('E_NOT_FOUND', 'message')
  return message.seq
}

/** True when nothing this person may see lies before `seq`. */
async function isStart(tx: ReadTx, { conversation, membership }: Place, seq: number): Promise<boolean> {
  const { visibleFrom: after } = membership
  return seq <= after + 1 || (await tx.messages(conversation.id, { after, before: seq, limit: 1, from: 'end' })).length === 0
}

/** Join, leave and meta events that stand right after one of these messages, or before the first one when the conversation starts there. */
async function notesBetween(tx: ReadTx, place: Place, messages: ChatMessage[], through: number): Promise<Note[]> {
  const { conversation, membership } = place
  const first = messages[0]?.seq ?? through + 1
  const from = (await isStart(tx, place, first)) ? membership.visibleFrom : first
  return (await tx.notes(conversation.id, from, through)).filter((note) => note.rev >= membership.joinedRev)
}

/** The longest run at the end without a hole and not too long for one answer; ascending. */
async function newestWithin(tx: ReadTx, messages: ChatMessage[], maxBytes: number): Promise<ChatMessage[]> {
  const newestFirst = messages.toReversed()
  const hole = newestFirst.findIndex((message, i) => i > 0 && message.seq !== newestFirst[i - 1]!.seq - 1)
  return upToBytes(hole < 0 ? newestFirst : newestFirst.slice(0, hole), await withNotes(tx, messages), maxBytes).reverse()
}

const oldestWithin = async (tx: ReadTx, messages: ChatMessage[], maxBytes: number): Promise<ChatMessage[]> =>
  upToBytes(messages, await withNotes(tx, messages), maxBytes)

/** What a message takes of an answer, with the notes that stand right after it. */
async function withNotes(tx: ReadTx, messages: ChatMessage[]): Promise<(message: ChatMessage) => number> {
  const [first, last] = [messages[0], messages.at(-1)]
  const notes = first && last ? await tx.notes(first.conv, first.seq, last.seq) : []
  return (message) => bytesOf(message) + bytesOf(notes.filter(({ afterSeq }) => afterSeq === message.seq))
}

/** What happened to the person after `from`; there is more while the last event's urev is below the answer's. */
export async function userEventsAfter(core: Core, who: Identity, { from }: RequestOf<'sync:user'>): Promise<{ events: UserEvent[]; urev: number }> {
  return core.store.read(async (tx) => ({
    events: upToBytes(await tx.userEvents(who.user, from, PAGE_MAX), bytesOf, ANSWER_BYTES),
    urev: await tx.urev(who.user),
  }))
}
