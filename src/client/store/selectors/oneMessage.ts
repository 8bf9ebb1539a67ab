import type { OwnOperation } from '#client/live/facts.ts'
import type { RootState } from '#client/store/reducer.ts'
import { t } from '#client/words/t.ts'
import type { ClientId, ConversationId, MessageId, UserId } from '#protocol/ids.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { selectTimeline } from './messages.ts'
import { selectOutboxOf } from './outbox.ts'
import { selectMe, selectMyId } from './session.ts'

/** A message as the log has it, or undefined while it is not held in this tab. */
export const selectStored = (state: RootState, conv: ConversationId, id: MessageId): ChatMessage | undefined =>
  selectTimeline(state, conv).messages.findLast((message) => message.id === id)

/** What its writer is called now: "You" for oneself. */
export function selectWriterName(state: RootState, { conv, sender, senderName }: Pick<ChatMessage, 'conv' | 'sender' | 'senderName'>): string {
  if (sender === selectMyId(state)) return t('You')
  return selectPersonName(state, conv, sender) ?? senderName
}

/** What a member is called now; undefined for who is no longer one, or where members are not listed. */
export const selectPersonName = (state: RootState, conv: ConversationId, user: UserId): string | undefined =>
  user === selectMyId(state) ? selectMe(state)?.name : state.conversations.byId[conv]?.facts.members.find(({ id }) => id === user)?.name

/** The own message that ↑ changes: the newest, on its way or stored, that is not deleted and not about to be. */
export function selectLastOwn(state: RootState, conv: ConversationId): ClientId | undefined {
  const me = selectMyId(state)
  const isGone = (clientId: ClientId) => ownChanges(state, conv, clientId).some(({ kind }) => kind === 'delete')
  const unstored = selectOutboxOf(state, conv).findLast((row) => !row.again && row.state.name !== 'refused' && !isGone(row.clientId))
  if (unstored) return unstored.clientId
  const isOwn = ({ sender, clientId, deletedAt }: ChatMessage) => sender === me && deletedAt === undefined && !isGone(clientId)
  return selectTimeline(state, conv).messages.findLast(isOwn)?.clientId
}

/** What an own message says now, its waiting changes included; undefined when it is deleted, or not held in this tab. */
export function selectOwnText(state: RootState, conv: ConversationId, clientId: ClientId): string | undefined {
  const edit = ownChanges(state, conv, clientId).findLast((operation) => operation.kind === 'edit')
  if (edit) return edit.body
  return (storedOwn(state, conv, clientId) ?? selectOutboxOf(state, conv).find((row) => row.clientId === clientId))?.body
}

/** An own message that is deleted or about to be: what is not held in this tab is not called so. */
export const selectIsOwnDeleted = (state: RootState, conv: ConversationId, clientId: ClientId): boolean =>
  storedOwn(state, conv, clientId)?.deletedAt !== undefined || ownChanges(state, conv, clientId).some(({ kind }) => kind === 'delete')

function storedOwn(state: RootState, conv: ConversationId, clientId: ClientId): ChatMessage | undefined {
  const me = selectMyId(state)
  return selectTimeline(state, conv).messages.findLast((message) => message.clientId === clientId && message.sender === me)
}

const ownChanges = (state: RootState, conv: ConversationId, clientId: ClientId): OwnOperation[] =>
  (state.changes.byConv[conv] ?? [])
    .map(({ operation }) => operation)
    .filter(({ target }) => target.clientId === clientId && target.sender === selectMyId(state))
