import { useParams } from 'react-router-dom'
import type { ConversationId } from '#protocol/ids.ts'
import { Conversation } from './Conversation.tsx'

/** `/chat/:conversationId`. Another conversation is another screen: nothing of the last one lingers. */
export function ConversationScreen() {
  const conv = (useParams()['conversationId'] ?? '') as ConversationId
  return <Conversation key={conv} conv={conv} />
}
