import type { AnswerOf, RequestOf } from '#protocol/events.ts'
import { BATCH_MAX_BYTES } from '#protocol/limits.ts'
import { utf8Bytes } from '#protocol/message.ts'
import { refusal, type Refusal } from '#protocol/reply.ts'
import type { Identity } from '#server/domain/core.ts'
import { postMessages } from '#server/domain/postMessages.ts'
import type { Edge } from './edge.ts'

/** `message:send`, by socket or HTTP. Over the limit nothing is stored at all, so that the order stays what it was. */
export async function sendMessages(edge: Edge, who: Identity, request: RequestOf<'message:send'>): Promise<AnswerOf<'message:send'> | Refusal> {
  const { messages } = request
  if (messages.length > 1 && messages.reduce((bytes, message) => bytes + utf8Bytes(message.body), 0) > BATCH_MAX_BYTES) {
    return refusal('E_TOO_BIG', { detail: `a batch holds at most ${BATCH_MAX_BYTES} bytes` })
  }
  const waitMs = edge.limits.takeMessages(who.user, messages.length)
  if (waitMs > 0) return refusal('E_RATE', { retryAfterMs: waitMs })
  return postMessages(edge.core, who, request)
}
