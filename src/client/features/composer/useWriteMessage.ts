import { useCallback } from 'react'
import { messageWritten } from '#client/live/facts.ts'
import { freshId } from '#client/store/freshId.ts'
import { useAppDispatch } from '#client/store/hooks.ts'
import type { ClientId, ConversationId, MessageId } from '#protocol/ids.ts'

/**
 * Says that the person wrote a message. This is the edge where its identity is picked, once and for ever, and the clock is read;
 * everything after it is the live session's business.
 */
export function useWriteMessage(conv: ConversationId): (body: string, replyTo: MessageId | undefined) => void {
  const dispatch = useAppDispatch()
  return useCallback(
    (body, replyTo) => {
      const now = Date.now()
      dispatch(messageWritten({ conv, clientId: freshId(now) as ClientId, body, sentAt: now, ...(replyTo && { replyTo }) }))
    },
    [conv, dispatch],
  )
}
