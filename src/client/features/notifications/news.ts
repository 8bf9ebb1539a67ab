import type { Action } from '@reduxjs/toolkit'
import { conversationLeft, conversationReset, conversationsLearned, messagesArrived, readThrough, receiptsChanged } from '#client/live/facts.ts'
import type { ConversationId, MessageId, UserId } from '#protocol/ids.ts'
import { messageAfter } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'

/** `isPage`: there is more before it than it holds. */
type Came = { conv: ConversationId; messages: readonly ChatMessage[]; isPage: boolean }

/** What came from the server: as it happened; or, where that was too much or a conversation is new here, its newest page. */
export function whatCame(action: Action): Came | undefined {
  if (conversationReset.match(action) && !action.payload.fromCache) return { ...action.payload, isPage: true }
  if (!messagesArrived.match(action)) return undefined
  const { conv, events } = action.payload
  return { conv, isPage: false, messages: events.flatMap((event) => (event.kind === 'new' ? [events.reduce(messageAfter, event.message)] : [])) }
}

/** The newest of so many. */
export type News = { newest: ChatMessage; count: number }

/** What somebody has not read yet of it: the newest message of others, and how many there are; of a page, how many there are in all. */
export function newsIn(
  { messages, isPage }: Pick<Came, 'messages' | 'isPage'>,
  { me, read, unread }: { me: UserId; read: number; unread: number },
): News | undefined {
  const news = messages.filter(({ sender, seq, deletedAt }) => sender !== me && seq > read && deletedAt === undefined)
  const newest = news.at(-1)
  return newest && { newest, count: isPage ? Math.max(news.length, unread) : news.length }
}

/** Messages that were deleted just now; the notification of one of them gives way to what is left. */
export const deletedIn = (action: Action): ReadonlySet<MessageId> =>
  new Set(messagesArrived.match(action) ? action.payload.events.flatMap((event) => (event.kind === 'delete' ? [event.messageId] : [])) : [])

/** Which message a notification is of. */
type Place = { conv: ConversationId; seq: number }

/** Which notifications are over once this has happened: of what was read, here or on another device, and of what one has left. */
export function overBy(action: Action, me: UserId): ((shown: Place) => boolean) | undefined {
  if (readThrough.match(action)) return ({ conv, seq }) => conv === action.payload.conv && seq <= action.payload.seq
  if (receiptsChanged.match(action) && action.payload.user === me)
    return ({ conv, seq }) => conv === action.payload.conv && seq <= action.payload.read
  if (conversationsLearned.match(action)) {
    const reads = new Map(action.payload.conversations.map(({ facts }) => [facts.id, facts.read]))
    return ({ conv, seq }) => seq <= (reads.get(conv) ?? 0)
  }
  if (conversationLeft.match(action)) return ({ conv }) => conv === action.payload.conv
  return undefined
}
