import type { AnswerOf, RequestOf } from '#protocol/events.ts'
import { messageAfter, type LogEvent } from '#protocol/log.ts'
import { bodyFault, type ChatMessage, type MessageRef, type Operation } from '#protocol/message.ts'
import { Refused, type Membership, type Tx } from '#server/storage/store.ts'
import { appendLog, type EventDraft } from './appendLog.ts'
import type { Core, Identity, Notice } from './core.ts'
import { demand, lockConversation, placeIn, type Place } from './membership.ts'
import { write } from './write.ts'

/** Different reactions to one message; more would be a way to fill the database through one row. */
const REACTIONS_MAX = 32

/**
 * Edits, deletes or reacts to a message, once per `opId`: a repetition is answered as the first time. What changes nothing (a reaction
 * that is there already, a second deletion) is answered as done and leaves no event.
 *
 * Own messages may be edited and deleted; owners of a group may delete anybody's.
 */
export async function applyOperation(
  core: Core,
  who: Identity,
  { conv, operation }: RequestOf<'operation:apply'>,
): Promise<AnswerOf<'operation:apply'>> {
  demand(who, 'message:send')
  return write(core, async (tx, tell) => {
    const conversation = await lockConversation(tx, who, conv)
    // Also for a former member: whose answer was lost must not be told that nothing was changed.
    const before = await tx.operation(who.user, operation.opId)
    if (before) return { rev: before.rev, dup: true }

    const place = await placeIn(tx, who, conversation)
    const message = await targetOf(tx, place.membership, operation.target)
    const draft = draftFor(who, place, message, operation)
    if (!draft) {
      // A late repetition must not do what was undone since.
      await tx.recordOperation(who.user, operation.opId, { rev: message.version }, core.now())
      return { rev: message.version, dup: true }
    }

    const log = appendLog(core, tx, place.conversation)
    const event = await log.append(draft, draft.kind === 'edit' ? core.sha256(draft.body) : '')
    await tx.updateMessage(messageAfter(message, event))
    await tx.recordOperation(who.user, operation.opId, { rev: event.rev }, log.at)
    await log.close()
    tell(await noticeOf(tx, event, message.seq))
    return { rev: event.rev }
  })
}

async function targetOf(tx: Tx, member: Membership, target: MessageRef): Promise<ChatMessage> {
  const message = 'id' in target ? await tx.message(target.id) : (await tx.messageByClientId(target.sender, target.clientId))?.message
  if (!message || message.conv !== member.conv || message.seq <= member.visibleFrom) throw new Refused('E_NOT_FOUND')
  return message
}

/** The event an operation makes, or undefined when it changes nothing; throws when it is not allowed. */
function draftFor(who: Identity, { conversation, membership }: Place, message: ChatMessage, operation: Operation): EventDraft | undefined {
  const isOwn = message.sender === who.user
  const isDeleted = message.deletedAt !== undefined
  const about = { actor: who.user, messageId: message.id, seq: message.seq, opId: operation.opId }
  if (operation.kind === 'delete') {
    if (!isOwn && !(conversation.kind === 'group' && membership.role === 'owner')) throw new Refused('E_FORBIDDEN')
    return isDeleted ? undefined : { kind: 'delete', ...about }
  }
  if (isDeleted) throw new Refused('E_NOT_FOUND')
  if (operation.kind === 'edit') {
    if (!isOwn) throw new Refused('E_FORBIDDEN')
    const fault = bodyFault(operation.body)
    if (fault) throw new Refused(fault === 'tooLong' ? 'E_TOO_BIG' : 'E_INVALID')
    return operation.body === message.body ? undefined : { kind: 'edit', ...about, body: operation.body }
  }
  const { emoji, kind } = operation
  // Letters are kept out because reactions are the keys of an object, where `constructor` already means something.
  if (!emoji.isWellFormed() || emoji.trim() === '' || /[\0A-Za-z_]/.test(emoji)) throw new Refused('E_INVALID')
  const reactions = message.reactions ?? {}
  const isThere = reactions[emoji]?.includes(who.user) ?? false
  if (isThere === (kind === 'react')) return undefined
  if (kind === 'react' && reactions[emoji] === undefined && Object.keys(reactions).length >= REACTIONS_MAX) throw new Refused('E_FORBIDDEN')
  return { kind, ...about, emoji }
}

/** Everybody hears of it; its text only those who see the message. */
async function noticeOf(tx: Tx, event: LogEvent, seq: number): Promise<Notice> {
  const { conv } = event
  const members = await tx.memberIds(conv)
  const unseeing = await tx.memberIdsNotSeeing(conv, seq)
  const notSeeing = new Set(unseeing)
  return { kind: 'log', conv, events: [event], recipients: members.filter((id) => !notSeeing.has(id)), ...(unseeing.length > 0 && { unseeing }) }
}
