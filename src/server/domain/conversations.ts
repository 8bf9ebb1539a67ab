import type { ConversationFacts, ConversationKind } from '#protocol/conversation.ts'
import { CHAIN_START, type ConversationId, type UserId } from '#protocol/ids.ts'
import { Refused, type ConversationRow, type Tx, type UserRow } from '#server/storage/store.ts'
import { appendLog } from './appendLog.ts'
import type { Core, Identity } from './core.ts'
import { factsFor } from './facts.ts'
import { addPeople, tellAdded } from './joining.ts'
import { demand, lockedPlaceOf, placeOf } from './membership.ts'
import { personOf } from './people.ts'
import { write } from './write.ts'

/** Everything the person is a member of, what changed last first. */
export async function conversationsOf(core: Core, who: Identity): Promise<ConversationFacts[]> {
  return core.store.read(async (tx) => {
    const all: ConversationFacts[] = []
    for (const place of await tx.conversationsOf(who.user)) all.push(await factsFor(tx, place))
    return all
  })
}

export async function conversationFor(core: Core, who: Identity, conv: ConversationId): Promise<ConversationFacts> {
  return core.store.read(async (tx) => factsFor(tx, await placeOf(tx, who, conv)))
}

/** A new group, owned by whoever makes it. `E_NOT_FOUND` when one of the members does not exist. */
export async function createGroup(core: Core, who: Identity, { name, members }: { name: string; members: UserId[] }): Promise<ConversationFacts> {
  demand(who, 'group:create')
  return write(core, async (tx, tell) => {
    const others = await peopleOf(tx, who, new Set(members.filter((id) => id !== who.user)))
    const owner = await personOf(tx, who, who.user)
    const conversation = newConversation(core, who, 'group', name)
    await tx.insertConversation(conversation)
    const log = appendLog(core, tx, conversation)
    const people = [{ user: owner, role: 'owner' as const }, ...others.map((user) => ({ user, role: 'member' as const }))]
    await addPeople(core, tx, { conversation, log, people, actor: who.user, tell })
    await log.close()
    tell({ kind: 'log', conv: conversation.id, events: log.events, recipients: people.map(({ user }) => user.id) })
    return factsFor(tx, await placeOf(tx, who, conversation.id))
  })
}

/** The one direct conversation with this person: found or made, whoever asks first, and however often. */
export async function openDirect(core: Core, who: Identity, { user: other }: { user: UserId }): Promise<ConversationFacts> {
  if (other === who.user) throw new Refused('E_INVALID', 'with oneself')
  return write(core, async (tx, tell) => {
    await personOf(tx, who, other)
    const conversation = newConversation(core, who, 'direct', '')
    const { id: conv } = conversation
    if (await tx.insertConversation(conversation, [who.user, other])) {
      for (const user of [who.user, other]) {
        await tx.insertMember({ conv, user, role: 'member', joinedRev: 0, visibleFrom: 0, leftRev: null, delivered: 0, read: 0 })
        await tellAdded(core, tx, user, conv, tell)
      }
    }
    const direct = await tx.directBetween(who.user, other)
    if (!direct) throw new Error('a direct conversation is neither new nor known')
    return factsFor(tx, await placeOf(tx, who, direct.id))
  })
}

/** A new name for a group, by any of its members; everybody sees who did it. */
export async function rename(core: Core, who: Identity, { conv, name }: { conv: ConversationId; name: string }): Promise<ConversationFacts> {
  return write(core, async (tx, tell) => {
    const place = await lockedPlaceOf(tx, who, conv)
    demandGroup(place.conversation)
    if (place.conversation.name !== name) {
      const log = appendLog(core, tx, place.conversation)
      await log.append({ kind: 'meta', actor: who.user, afterSeq: place.conversation.seq, name })
      await log.close()
      await tx.updateConversation(conv, { name })
      tell({ kind: 'log', conv, events: log.events, recipients: await tx.memberIds(conv) })
    }
    return factsFor(tx, await placeOf(tx, who, conv))
  })
}

/** Adds people to a group, by any of its members. Those who are in it already stay as they are. */
export async function addMembers(core: Core, who: Identity, { conv, users }: { conv: ConversationId; users: UserId[] }): Promise<ConversationFacts> {
  return write(core, async (tx, tell) => {
    const { conversation } = await lockedPlaceOf(tx, who, conv)
    demandGroup(conversation)
    const present = new Set(await tx.memberIds(conv))
    const people = await peopleOf(tx, who, new Set(users.filter((id) => !present.has(id))))
    const log = appendLog(core, tx, conversation)
    await addPeople(core, tx, { conversation, log, people: people.map((user) => ({ user, role: 'member' })), actor: who.user, tell })
    await log.close()
    if (log.events.length > 0) tell({ kind: 'log', conv, events: log.events, recipients: await tx.memberIds(conv) })
    return factsFor(tx, await placeOf(tx, who, conv))
  })
}

export function newConversation(core: Core, who: Pick<Identity, 'tenant'>, kind: ConversationKind, name: string): ConversationRow {
  const at = core.now()
  const id = core.newId() as ConversationId
  return { id, tenant: who.tenant, kind, name, createdAt: at, rev: 0, seq: 0, h: CHAIN_START, floorRev: 0, marksRev: 0, changedAt: at }
}

/** Direct conversations and the lobby have the members they have. */
export function demandGroup(conversation: ConversationRow): void {
  if (conversation.kind !== 'group') throw new Refused('E_FORBIDDEN', 'not a group')
}

async function peopleOf(tx: Tx, who: Identity, ids: Set<UserId>): Promise<UserRow[]> {
  const people: UserRow[] = []
  for (const id of ids) people.push(await personOf(tx, who, id))
  return people
}
