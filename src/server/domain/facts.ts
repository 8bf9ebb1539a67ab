import type { ConversationFacts } from '#protocol/conversation.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { MARKS_MAX_MEMBERS } from '#protocol/limits.ts'
import type { MemberRow, Membership, ReadTx } from '#server/storage/store.ts'
import type { Identity } from './core.ts'
import type { Place } from './membership.ts'
import { withoutPicture } from './people.ts'

/** A conversation of the asking person's as it is by now, after a change of theirs. */
export async function factsNow(tx: ReadTx, { user }: Pick<Identity, 'user'>, conv: ConversationId): Promise<ConversationFacts> {
  const [conversation, membership] = [await tx.conversation(conv), await tx.membership(conv, user)]
  if (!conversation || !membership) throw new Error('somebody changed what they have no part in')
  return factsFor(tx, { conversation, membership })
}

/** A conversation as this member may see it. Big ones carry a count instead of every member. */
export async function factsFor(
  tx: ReadTx,
  { conversation, membership }: { conversation: Place['conversation']; membership: Omit<Place['membership'], 'person'> },
): Promise<ConversationFacts> {
  const { id, kind, name, picture, createdAt } = conversation
  const { role, delivered, read, visibleFrom, isMuted } = membership
  const memberCount = await tx.memberCount(id)
  // counted first, because reading the members of a big conversation at every hello only to leave them out is what costs
  const members = memberCount <= MARKS_MAX_MEMBERS ? await tx.members(id, MARKS_MAX_MEMBERS) : []
  const consent = kind === 'direct' ? await consentOf(tx, membership, members) : {}
  const shown = ({ user, person }: Membership) => (consent.consent && user !== membership.user ? withoutPicture(person) : person)
  return {
    id,
    kind,
    name,
    ...(picture !== null && { picture }),
    createdAt,
    role,
    delivered,
    read,
    visibleFrom,
    memberCount,
    ...consent,
    ...(isMuted && { muted: true }),
    members: members.map((member) => ({
      ...shown(member),
      role: member.role,
      delivered: member.delivered,
      read: member.user === membership.user ? member.read : member.readShown,
      since: member.visibleFrom,
    })),
  }
}

async function consentOf(tx: ReadTx, own: MemberRow, members: MemberRow[]): Promise<Pick<ConversationFacts, 'consent'>> {
  const other = members.find(({ user }) => user !== own.user)
  if (other && (await tx.hasBlocked(own.user, other.user))) return { consent: 'blocked' }
  if (own.isAsked) return { consent: 'asked' }
  return other?.isAsked === true ? { consent: 'asking' } : {}
}
