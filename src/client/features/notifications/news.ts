import type { LogEvent } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { UserId } from '#protocol/ids.ts'

/** What somebody has not read yet of what came now: the newest message of others, and how many there are. */
export function newsIn(events: readonly LogEvent[], { me, read }: { me: UserId; read: number }): { newest: ChatMessage; count: number } | undefined {
  const news = events.flatMap((event) => (event.kind === 'new' && event.message.sender !== me && event.message.seq > read ? [event.message] : []))
  const newest = news.at(-1)
  return newest && { newest, count: news.length }
}

const BODY_MAX_CHARS = 200

/** How it stands in the notification: who, where when that is not the same, and what. */
export function wordsOf(
  { newest, count }: { newest: Pick<ChatMessage, 'senderName'>; count: number },
  { kind, title, text }: { kind: string; title: string; text: string },
): { title: string; body: string } {
  const short = text.length > BODY_MAX_CHARS ? `${text.slice(0, BODY_MAX_CHARS)}…` : text
  return {
    title: kind === 'direct' ? title : `${newest.senderName} · ${title}`,
    body: count === 1 ? short : `${count} new messages. The last one: ${short}`,
  }
}
