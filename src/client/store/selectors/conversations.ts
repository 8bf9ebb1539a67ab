import type { ConversationEntry, LeftConversation } from '#client/features/conversations/conversationsSlice.ts'
import type { Divider } from '#client/features/conversations/divider.ts'
import { otherOf, titleFor } from '#client/features/conversations/titleFor.ts'
import { unreadOf } from '#client/features/conversations/unread.ts'
import type { OutboxRow } from '#client/live/facts.ts'
import type { RootState } from '#client/store/reducer.ts'
import { t } from '#client/words/t.ts'
import { remembered } from './remembered.ts'
import { selectMyId } from './session.ts'
import type { ConversationKind } from '#protocol/conversation.ts'
import type { ConversationId, PictureId, UserId } from '#protocol/ids.ts'
import type { ChatMessage } from '#protocol/message.ts'

/** One conversation as the list shows it. */
export type ConversationItem = {
  id: ConversationId
  title: string
  kind: ConversationKind
  unread: number
  /** "Queued: …", "Not sent: …", "You: …", "Ada: …" in groups, or the text itself; empty when nothing was written yet. */
  preview: string
  /** Newest activity, server time. */
  at: number
  /** The other person of a direct conversation, whose presence is shown. */
  other: UserId | null
  picture: PictureId | undefined
  /** Counts for nothing outside its own row of the list. */
  muted: boolean
}

const NO_ROWS: OutboxRow[] = []

const itemFor = remembered((entry: ConversationEntry, rows: OutboxRow[], me: UserId | null): ConversationItem => {
  const other = otherOf(entry.facts, me)
  return {
    id: entry.facts.id,
    title: titleFor(entry.facts, me),
    kind: entry.facts.kind,
    unread: unreadOf(entry),
    preview: previewFor(entry, rows, me),
    at: activityAt(entry),
    other: other?.id ?? null,
    picture: other ? other.picture : entry.facts.picture,
    muted: entry.facts.muted === true,
  }
})

const activityAt = ({ lastMessage, facts }: ConversationEntry): number => lastMessage?.at ?? facts.createdAt

function previewFor({ lastMessage, facts }: ConversationEntry, rows: OutboxRow[], me: UserId | null): string {
  const unsent = rows.findLast((row) => !row.again)
  if (unsent) {
    const name = unsent.state.name
    return `${name === 'refused' ? t('Not sent') : name === 'saving' || name === 'queued' ? t('Queued') : t('You')}: ${textOf(unsent)}`
  }
  if (!lastMessage) return ''
  const text = lastMessage.deletedAt === undefined ? textOf(lastMessage) : t('Message deleted')
  if (lastMessage.sender === me) return t('You: {text}', { text })
  return facts.kind === 'direct' ? text : `${lastMessage.senderName}: ${text}`
}

/** Enough for one line of the list, whatever was pasted; what it brings, where it says nothing. */
const textOf = ({ body, files }: Pick<ChatMessage, 'body' | 'files'>): string =>
  (body || (files ?? []).map(({ name }) => name).join(', ')).slice(0, 400).replace(/\s+/g, ' ').trim()

const listFor = remembered((byId: RootState['conversations']['byId'], outbox: RootState['outbox']['byConv'], me: UserId | null): ConversationItem[] =>
  Object.values(byId)
    .map((entry) => itemFor(entry, outbox[entry.facts.id] ?? NO_ROWS, me))
    .sort((a, b) => b.at - a.at || (a.id < b.id ? -1 : 1)),
)

/** Newest activity first; conversations of the same age keep one order. Items stay the same object while nothing about them changes. */
export const selectConversationList = (state: RootState): ConversationItem[] =>
  listFor(state.conversations.byId, state.outbox.byConv, selectMyId(state))

/** One conversation with its title, or undefined when it is not this person's (or not known yet: `selectConversationsComplete`). */
export type ConversationView = ConversationItem & { facts: ConversationEntry['facts'] }
const viewFor = remembered((item: ConversationItem, entry: ConversationEntry): ConversationView => ({ ...item, facts: entry.facts }))

export function selectConversation(state: RootState, conv: ConversationId): ConversationView | undefined {
  const entry = state.conversations.byId[conv]
  return entry && viewFor(itemFor(entry, state.outbox.byConv[conv] ?? NO_ROWS, selectMyId(state)), entry)
}

/** Unread messages in all conversations that are not muted, for the page's title. */
export const selectUnreadTotal = (state: RootState): number =>
  Object.values(state.conversations.byId).reduce((sum, entry) => sum + (entry.facts.muted ? 0 : unreadOf(entry)), 0)

export const selectEntry = (state: RootState, conv: ConversationId): ConversationEntry | undefined => state.conversations.byId[conv]
/** A conversation this person has just left or was removed from. */
export const selectLeft = (state: RootState, conv: ConversationId): LeftConversation | undefined => state.conversations.left[conv]
/** False until the server has been asked once: "loading" and "not yours" are two things. */
export const selectConversationsComplete = (state: RootState): boolean => state.conversations.complete
export const selectOpenConversation = (state: RootState): ConversationId | null => state.conversations.open?.conv ?? null
export function selectDivider(state: RootState, conv: ConversationId): Divider | null {
  const { open } = state.conversations
  return open?.name === 'known' && open.conv === conv ? open.divider : null
}
