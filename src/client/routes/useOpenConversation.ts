import { useEffect } from 'react'
import { conversationClosed, conversationOpened } from '#client/live/facts.ts'
import { useAppDispatch } from '#client/store/hooks.ts'
import type { ConversationId } from '#protocol/ids.ts'

/** Says which conversation is being looked at, from the moment it is on screen until it is left. */
export function useOpenConversation(conv: ConversationId): void {
  const dispatch = useAppDispatch()
  useEffect(() => {
    dispatch(conversationOpened({ conv }))
    return () => {
      dispatch(conversationClosed({ conv }))
    }
  }, [conv, dispatch])
}
