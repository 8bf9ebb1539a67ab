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
  const short = bodyOf(newest)
  return {
    title: kind === 'direct' ? title : `${newest.senderName} · ${title}`,
    body:
      count === 1
        ? short
        : count < MANY
          ? t('{n} new messages. The last one: {text}', { n: count, text: short })
          : t('More than {n} new messages. The last one: {text}', { n: MANY - 1, text: short }),
  }
}

/** What it says, as far as there is room. */
export function bodyOf(message: Pick<ChatMessage, 'body' | 'files'>): string {
  const text = spokenMessage(message)
  return text.length > BODY_MAX_CHARS ? `${text.slice(0, BODY_MAX_CHARS)}…` : text
}
