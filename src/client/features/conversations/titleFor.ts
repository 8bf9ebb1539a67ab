import { t } from '#client/words/t.ts'
import type { ConversationFacts, Member } from '#protocol/conversation.ts'
import type { UserId } from '#protocol/ids.ts'

/** The other person of a direct conversation; undefined for groups, the lobby, and a conversation with oneself. */
export const otherOf = (facts: ConversationFacts, me: UserId | null): Member | undefined =>
  facts.kind === 'direct' ? facts.members.find((member) => member.id !== me) : undefined

/** What a conversation is called on screen: the other's name for a direct one. */
export function titleFor(facts: ConversationFacts, me: UserId | null): string {
  if (facts.kind !== 'direct') return facts.name || (facts.kind === 'lobby' ? t('Lobby') : t('Group'))
  return otherOf(facts, me)?.name ?? facts.members[0]?.name ?? t('Conversation')
}
