import { useCallback } from 'react'
import { filesWritten, messageWritten } from '#client/live/facts.ts'
import { freshId } from '#client/store/freshId.ts'
import { useAppDispatch } from '#client/store/hooks.ts'
import type { FileFacts } from '#protocol/files.ts'
import type { ClientId, ConversationId, MessageId } from '#protocol/ids.ts'

/**
 * Says that the person wrote a message. This is the edge where its identity is picked, once and for ever, and the clock is read;
 * everything after it is the live session's business.
 */
export function useWriteMessage(conv: ConversationId): (body: string, replyTo: MessageId | undefined, files: FileFacts[]) => void {
  const dispatch = useAppDispatch()
  return useCallback(
    (body, replyTo, files) => {
      const now = Date.now()
      const message = { conv, clientId: freshId(now) as ClientId, body, sentAt: now, ...(replyTo && { replyTo }) }
      if (files.length === 0) return dispatch(messageWritten(message))
      return dispatch(filesWritten({ ...message, files }))
    },
    [conv, dispatch],
  )
}
