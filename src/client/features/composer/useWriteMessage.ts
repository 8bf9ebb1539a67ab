import { useCallback } from 'react'
import { messageWritten } from '#client/live/facts.ts'
import { useAppDispatch } from '#client/store/hooks.ts'
import { uuidv7, type ClientId, type ConversationId } from '#protocol/ids.ts'

/**
 * Says that the person wrote a message. This is the edge where its identity is picked, once and for ever, and the clock is read;
 * everything after it is the live session's business.
 */
export function useWriteMessage(conv: ConversationId): (body: string) => void {
  const dispatch = useAppDispatch()
  return useCallback(
    (body) => {
      const now = Date.now()
      const clientId = uuidv7(now, (bytes) => crypto.getRandomValues(bytes)) as ClientId
      dispatch(messageWritten({ conv, clientId, body, sentAt: now }))
    },
    [conv, dispatch],
  )
}
