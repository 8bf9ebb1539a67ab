import type { ConversationFacts } from '#protocol/conversation.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import type { Membership, Tx } from '#server/storage/store.ts'
import { tellChanged } from './changedFacts.ts'
import { newConversation } from './conversations.ts'
import type { Core, Identity, Notice } from './core.ts'
import { factsFor, factsNow } from './facts.ts'
import { tellAdded } from './joining.ts'
import { lockedPlaceOf, otherIn, placeOf } from './membership.ts'
import { personFor } from './people.ts'
import { write } from './write.ts'

/**
 * The one direct conversation with this person: found or made, whoever asks first, and however often. One that is there may be looked at
 * whatever has come between the two. A new one with a stranger is a request: it waits for the other to agree, by answering or by saying so.
 */
export async function openDirect(core: Core, who: Identity, { user: other }: { user: UserId }): Promise<ConversationFacts> {
  return write(core, async (tx, tell) => {
    const known = await tx.directBetween(who.user, other)
    if (known) return factsFor(tx, await placeOf(tx, who, 'log:read', known.id))
    await personFor(tx, who, 'person:write', other)
    const conversation = newConversation(core, who, 'direct', '')
    const { id: conv } = conversation
    await tx.insertConversation(conversation, [who.user, other])
    const isStranger = !(await tx.shareGroup(who.user, other))
    for (const user of [who.user, other]) {
      const isAsked = user === other && isStranger
      await tx.insertMember({ conv, user, role: 'member', joinedRev: 0, visibleFrom: 0, leftRev: null, delivered: 0, read: 0, isAsked })
      await tellAdded(core, tx, user, conv, tell)
    }
    return factsNow(tx, who, conv)
  })
}

/** Agrees to a direct conversation somebody else began; harmless where nobody asks. */
export async function accept(core: Core, who: Identity, { conv }: { conv: ConversationId }): Promise<ConversationFacts> {
  return write(core, async (tx, tell) => {
    const { membership } = await lockedPlaceOf(tx, who, 'direct:accept', conv)
    await agree(core, tx, membership, tell)
    return factsNow(tx, who, conv)
  })
}

/** Whoever answers agrees. */
export async function agree(core: Core, tx: Tx, membership: Membership, tell: (notice: Notice) => void): Promise<void> {
  if (!membership.isAsked) return
  await tx.updateMember(membership.conv, membership.user, { isAsked: false })
  await tellConsent(core, tx, membership, tell)
}

/** What stands between the two of a direct conversation is something else now. */
export async function tellConsent(core: Core, tx: Tx, membership: Membership, tell: (notice: Notice) => void): Promise<void> {
  const { conv, user } = membership
  const other = await otherIn(tx, membership)
  await tellChanged(core, tx, { conv, users: [user, ...(other ? [other.user] : [])] }, tell)
}
