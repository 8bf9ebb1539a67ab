import type { ConversationId } from '#protocol/ids.ts'
import type { Permission } from '#protocol/session.ts'
import { Refused, type ConversationRow, type Membership, type ReadTx, type Tx } from '#server/storage/store.ts'
import type { Identity } from './core.ts'

/** A conversation and the asking person's place in it. */
export type Place = { conversation: ConversationRow; membership: Membership }

export function demand(who: Identity, permission: Permission): void {
  if (!who.permissions.includes(permission)) throw new Refused('E_FORBIDDEN', permission)
}

/** Throws `E_NOT_FOUND` when there is no such conversation for this person's tenant, `E_NOT_MEMBER` when they are not in it. */
export async function placeOf(tx: ReadTx, who: Identity, conv: ConversationId): Promise<Place> {
  return placeIn(tx, who, ofTenant(who, await tx.conversation(conv)))
}

/** As `placeOf`, holding the conversation's lock: for everything that appends to its log or changes its members. */
export async function lockedPlaceOf(tx: Tx, who: Identity, conv: ConversationId): Promise<Place> {
  return placeIn(tx, who, await lockConversation(tx, who, conv))
}

export async function lockConversation(tx: Tx, who: Identity, conv: ConversationId): Promise<ConversationRow> {
  return ofTenant(who, await tx.lockConversation(conv))
}

/** Where somebody stands in a conversation; throws `E_NOT_MEMBER` when they don't. */
export async function placeIn(tx: ReadTx, who: Identity, conversation: ConversationRow): Promise<Place> {
  const membership = await tx.membership(conversation.id, who.user)
  if (!membership) throw new Refused('E_NOT_MEMBER')
  return { conversation, membership }
}

function ofTenant(who: Identity, conversation: ConversationRow | undefined): ConversationRow {
  if (conversation?.tenant !== who.tenant) throw new Refused('E_NOT_FOUND')
  return conversation
}
