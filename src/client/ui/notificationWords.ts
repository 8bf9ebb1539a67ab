import { t } from '#client/words/t.ts'
import type { ConversationKind } from '#protocol/conversation.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { spokenMessage } from './textTokens.ts'

const BODY_MAX_CHARS = 200
/** From here on nobody has counted. */
const MANY = 100

/** How it stands in the notification: who, where when that is not the same, and what. */
export function wordsOf(
  { newest, count }: { newest: Pick<ChatMessage, 'senderName' | 'body' | 'files'>; count: number },
  { kind, title }: { kind: ConversationKind; title: string },
): { title: string; body: string } {
  return { title: kind === 'direct' ? title : `${newest.senderName} · ${title}`, body: bodyOf(newest, count) }
}

/** What the last of so many says, as far as there is room. */
export function bodyOf(message: Pick<ChatMessage, 'body' | 'files'>, count: number): string {
  const whole = spokenMessage(message)
  const text = whole.length > BODY_MAX_CHARS ? `${whole.slice(0, BODY_MAX_CHARS)}…` : whole
  if (count === 1) return text
  return count < MANY
    ? t('{n} new messages. The last one: {text}', { n: count, text })
    : t('More than {n} new messages. The last one: {text}', { n: MANY - 1, text })
}
