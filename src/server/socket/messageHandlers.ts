import { applyOperation } from '#server/domain/applyOperation.ts'
import { refusal } from '#protocol/reply.ts'
import { sendMessages } from '#server/edge/sendMessages.ts'
import type { Handlers } from './answer.ts'

export const messageHandlers: Handlers<'message:send' | 'operation:apply'> = {
  'message:send': (edge, live, request) => {
    live.messageCount += request.messages.length
    return sendMessages(edge, live.who, request)
  },
  'operation:apply': (edge, live, request) => {
    const waitMs = edge.limits.takeMessages(live.who.user, 1)
    return waitMs > 0 ? refusal('E_RATE', { retryAfterMs: waitMs }) : applyOperation(edge.core, live.who, request)
  },
}
