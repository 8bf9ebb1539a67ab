import type { ConversationFacts } from '#protocol/conversation.ts'
import { MARKS_MAX_MEMBERS } from '#protocol/limits.ts'
import type { ReadTx } from '#server/storage/store.ts'
import type { Place } from './membership.ts'

/** A conversation as this member may see it. Big ones carry a count instead of every member. */
export async function factsFor(
  tx: ReadTx,
  { conversation, membership }: { conversation: Place['conversation']; membership: Omit<Place['membership'], 'person'> },
): Promise<ConversationFacts> {
  const { id, kind, name, createdAt } = conversation
  const { role, delivered, read, visibleFrom } = membership
  const memberCount = await tx.memberCount(id)
  // counted first, because reading the members of a big conversation at every hello only to leave them out is what costs
  const members = memberCount <= MARKS_MAX_MEMBERS ? await tx.members(id, MARKS_MAX_MEMBERS) : []
  return {
    id,
    kind,
    name,
    createdAt,
    role,
    delivered,
    read,
    visibleFrom,
    memberCount,
    members: members.map((member) => ({ ...member.person, role: member.role, delivered: member.delivered, read: member.read })),
  }
}
