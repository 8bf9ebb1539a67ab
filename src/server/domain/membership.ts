import type { ConversationId, UserId } from '#protocol/ids.ts'
import { REQUEST_MESSAGES_MAX } from '#protocol/limits.ts'
import type { ConversationRow, Membership, ReadTx, Tx } from '#server/storage/store.ts'
import type { Identity } from './core.ts'
import { demand, type Action, type Standing } from './rules.ts'

/** A conversation and the asking person's place in it. */
export type Place = { conversation: ConversationRow; membership: Membership }

/** Where the asking person may do this; throws what `RULES` say when they may not. */
export async function placeOf(tx: ReadTx, who: Identity, action: Action, conv: ConversationId): Promise<Place> {
  return placeIn(action, await standingIn(tx, who, await tx.conversation(conv)))
}

/** As `placeOf`, holding the conversation's lock: for everything that appends to its log or changes its members. */
export async function lockedPlaceOf(tx: Tx, who: Identity, action: Action, conv: ConversationId): Promise<Place> {
  return placeIn(action, await standingIn(tx, who, await tx.lockConversation(conv)))
}

export function placeIn(action: Action, standing: Standing): Place {
  demand(action, standing)
  // every action in a conversation asks for both
  return { conversation: standing.conversation!, membership: standing.membership! }
}

/** How somebody stands to a conversation; `undefined`: to one that is not there. */
export async function standingIn(tx: ReadTx, who: Identity, conversation: ConversationRow | undefined): Promise<Standing> {
  const membership = conversation && (await tx.membership(conversation.id, who.user))
  if (!membership || conversation.kind !== 'direct') return { who, conversation, membership }
  const other = await otherIn(tx, membership)
  return {
    who,
    conversation,
    membership,
    isBlocked: other !== undefined && ((await isGone(tx, other.user)) || (await isBlockedBetween(tx, who.user, other.user))),
    // until they agree, only one of the two has written anything
    isPatienceOver: other?.isAsked === true && conversation.seq >= REQUEST_MESSAGES_MAX,
  }
}

const isGone = async (tx: ReadTx, id: UserId): Promise<boolean> => (await tx.user(id))?.deletedAt !== null

/** The other one of a direct conversation. */
export async function otherIn(tx: ReadTx, { conv, user }: Membership): Promise<Membership | undefined> {
  return (await tx.members(conv, 2)).find((member) => member.user !== user)
}

export async function isBlockedBetween(tx: ReadTx, a: UserId, b: UserId): Promise<boolean> {
  return (await tx.hasBlocked(a, b)) || (await tx.hasBlocked(b, a))
}
