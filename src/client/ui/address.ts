import { useLocation } from 'react-router-dom'
import type { ConversationId, MessageId, UserId } from '#protocol/ids.ts'

/** Every place in the app. */
export type Address =
  | { name: 'conversation'; conv: ConversationId }
  | { name: 'person'; user: UserId }
  | { name: 'invitation'; code: string }
  | { name: 'start' }
  | { name: 'conversations' }
  | { name: 'outbox' | 'settings' | 'devices' | 'search' | 'reset' | 'nowhere' }

const NAMED = ['outbox', 'settings', 'devices', 'search', 'reset'] as const

/** Reads `/chat/:conversationId`, `/people/:userId`, `/join/:code` and the places of one word; a slash at the end changes nothing. */
export function addressOf(pathname: string): Address {
  const [first = '', second, more] = wordsOf(pathname)
  if (more !== undefined) return { name: 'nowhere' }
  if (second === undefined) {
    if (first === '') return { name: 'start' }
    return { name: first === 'chat' ? 'conversations' : (NAMED.find((name) => name === first) ?? 'nowhere') }
  }
  if (first === 'chat') return { name: 'conversation', conv: second as ConversationId }
  if (first === 'people') return { name: 'person', user: second as UserId }
  return first === 'join' ? { name: 'invitation', code: second } : { name: 'nowhere' }
}

function wordsOf(pathname: string): string[] {
  try {
    return pathname
      .replace(/^\/|\/$/g, '')
      .split('/')
      .map(decodeURIComponent)
  } catch {
    // what is no text leads nowhere
    return ['', '']
  }
}

export const useAddress = (): Address => addressOf(useLocation().pathname)

/** The way to one message, wherever it stands in its conversation. */
export const pathOfMessage = (conv: ConversationId, id: MessageId): string => `/chat/${conv}?message=${id}`
