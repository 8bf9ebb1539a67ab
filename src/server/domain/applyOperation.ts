import type { AnswerOf, RequestOf } from '#protocol/events.ts'
import { messageAfter, type LogEvent } from '#protocol/log.ts'
import { bodyFault, type ChatMessage, type MessageRef, type Operation } from '#protocol/message.ts'
import { Refused, type Membership, type Tx } from '#server/storage/store.ts'
import { appendLog, type EventDraft } from './appendLog.ts'
import type { Core, Identity, Notice } from './core.ts'
import { agree } from './directs.ts'
import { placeIn, standingIn } from './membership.ts'
import type { Action } from './rules.ts'
import { write } from './write.ts'

/** Different reactions to one message; more would be a way to fill the database through one row. */
const REACTIONS_MAX = 32

/**
 * Edits, deletes or reacts to a message, once per `opId`: a repetition is answered as the first time. What changes nothing (a reaction
 * that is there already, a second deletion) is answered as done and leaves no event.
 *
 * Who may do which: `RULES`.
 */
export async function applyOperation(
  core: Core,
  who: Identity,
  { conv, operation }: RequestOf<'operation:apply'>,
): Promise<AnswerOf<'operation:apply'>> {
  return write(core, async (tx, tell) => {
    const conversation = await tx.lockConversation(conv)
    // Also for a former member: whose answer was lost must not be told that nothing was changed.
    const before = await tx.operation(who.user, operation.opId)
    if (before) return { rev: before.rev, dup: true }

    const standing = await standingIn(tx, who, conversation)
    const found = standing.membership && (await targetOf(tx, standing.membership, operation.target))
    const place = placeIn(ACTIONS[operation.kind], { ...standing, message: found })
    const message = found! // every action on a message asks for it
    const draft = draftFor(who, message, operation)
    if (!draft) {
      // A late repetition must not do what was undone since.
      await tx.recordOperation(who.user, operation.opId, { rev: message.version }, core.now())
      return { rev: message.version, dup: true }
    }

    await agree(core, tx, place.membership, tell)
    const log = appendLog(core, tx, place.conversation)
    const event = await log.append(draft, draft.kind === 'edit' ? core.sha256(draft.body) : '')
    await tx.updateMessage(messageAfter(message, event))
    await tx.recordOperation(who.user, operation.opId, { rev: event.rev }, log.at)
    await log.close()
    tell(await noticeOf(tx, event, message.seq))
    return { rev: event.rev }
  })
}

const EMOJI = new RegExp('^\\p{RGI_Emoji}$', 'v')

const ACTIONS = {
  edit: 'message:edit',
  delete: 'message:delete',
  react: 'message:react',
  unreact: 'message:react',
} as const satisfies Record<Operation['kind'], Action>

async function targetOf(tx: Tx, member: Membership, target: MessageRef): Promise<ChatMessage | undefined> {
  const message = 'id' in target ? await tx.message(target.id) : (await tx.messageByClientId(target.sender, target.clientId))?.message
  return message?.conv === member.conv && message.seq > member.visibleFrom ? message : undefined
}

/** The event an operation makes, or undefined when it changes nothing; throws when it makes no sense. */
function draftFor(who: Identity, message: ChatMessage, operation: Operation): EventDraft | undefined {
  const isDeleted = message.deletedAt !== undefined
  const about = { actor: who.user, messageId: message.id, seq: message.seq, opId: operation.opId }
  if (operation.kind === 'delete') return isDeleted ? undefined : { kind: 'delete', ...about }
  if (isDeleted) throw new Refused('E_NOT_FOUND')
  if (operation.kind === 'edit') {
    const fault = bodyFault(operation.body)
    if (fault) throw new Refused(fault === 'tooLong' ? 'E_TOO_BIG' : 'E_INVALID')
    return operation.body === message.body ? undefined : { kind: 'edit', ...about, body: operation.body }
  }
  const { emoji, kind } = operation
  // One picture that everybody writes the same way: two ways would count one person twice, and words would stand under those of others.
  if (!EMOJI.test(emoji)) throw new Refused('E_INVALID')
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
