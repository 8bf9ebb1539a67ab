import type { ConversationFacts, ConversationKind } from '#protocol/conversation.ts'
import { CHAIN_START, type ConversationId, type PictureId, type UserId } from '#protocol/ids.ts'
import type { ConversationRow, Tx, UserRow } from '#server/storage/store.ts'
import { appendLog } from './appendLog.ts'
import { tellChanged } from './changedFacts.ts'
import type { Core, Identity } from './core.ts'
import { factsFor, factsNow } from './facts.ts'
import { addPeople } from './joining.ts'
import { lockedPlaceOf, placeOf } from './membership.ts'
import { personFor, askerOf } from './people.ts'
import { demand } from './rules.ts'
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
  return core.store.read(async (tx) => factsFor(tx, await placeOf(tx, who, 'log:read', conv)))
}

/** A new group, owned by whoever makes it. `E_NOT_FOUND` when one of the members does not exist. */
export async function createGroup(core: Core, who: Identity, { name, members }: { name: string; members: UserId[] }): Promise<ConversationFacts> {
  demand('group:make', { who })
  return write(core, async (tx, tell) => {
    const others = await peopleOf(tx, who, new Set(members.filter((id) => id !== who.user)))
    const owner = await askerOf(tx, who)
    const conversation = newConversation(core, who, 'group', name)
    await tx.insertConversation(conversation)
    const log = appendLog(core, tx, conversation)
    const people = [{ user: owner, role: 'owner' as const }, ...others.map((user) => ({ user, role: 'member' as const }))]
    await addPeople(core, tx, { conversation, log, people, actor: who.user, tell })
    await log.close()
    tell({ kind: 'log', conv: conversation.id, events: log.events, recipients: people.map(({ user }) => user.id) })
    return factsNow(tx, who, conversation.id)
  })
}

/** A new name for a group, by any of its members; everybody sees who did it. */
export async function rename(core: Core, who: Identity, { conv, name }: { conv: ConversationId; name: string }): Promise<ConversationFacts> {
  return write(core, async (tx, tell) => {
    const place = await lockedPlaceOf(tx, who, 'group:rename', conv)
    if (place.conversation.name !== name) {
      const log = appendLog(core, tx, place.conversation)
      await log.append({ kind: 'meta', actor: who.user, afterSeq: place.conversation.seq, name })
      await log.close()
      await tx.updateConversation(conv, { name })
      tell({ kind: 'log', conv, events: log.events, recipients: await tx.memberIds(conv) })
    }
    return factsNow(tx, who, conv)
  })
}

/** Another picture of a group or none, by its owners. A JPEG as base64. */
export async function setGroupPicture(
  core: Core,
  who: Identity,
  { conv, jpeg }: { conv: ConversationId; jpeg: string | null },
): Promise<ConversationFacts> {
  return write(core, async (tx, tell) => {
    const { conversation } = await lockedPlaceOf(tx, who, 'group:picture', conv)
    if (conversation.picture !== null || jpeg !== null) {
      await tx.setGroupPicture(conv, jpeg === null ? null : { id: core.newId() as PictureId, jpeg })
      await tellChanged(core, tx, { conv, users: await tx.memberIds(conv) }, tell)
    }
    return factsNow(tx, who, conv)
  })
}

/** Whether the asking person wants notifications from there, on any of their devices. Nobody else is told. */
export async function mute(core: Core, who: Identity, { conv, muted }: { conv: ConversationId; muted: boolean }): Promise<ConversationFacts> {
  return write(core, async (tx, tell) => {
    const { membership } = await lockedPlaceOf(tx, who, 'conversation:mute', conv)
    if (membership.isMuted !== muted) {
      await tx.updateMember(conv, who.user, { isMuted: muted })
      await tellChanged(core, tx, { conv, users: [who.user] }, tell)
    }
    return factsNow(tx, who, conv)
  })
}

/** Adds people to a group, by any of its members. Those who are in it already stay as they are. */
export async function addMembers(core: Core, who: Identity, { conv, users }: { conv: ConversationId; users: UserId[] }): Promise<ConversationFacts> {
  return write(core, async (tx, tell) => {
    const { conversation } = await lockedPlaceOf(tx, who, 'group:add', conv)
    const present = new Set(await tx.memberIds(conv))
    const people = await peopleOf(tx, who, new Set(users.filter((id) => !present.has(id))))
    const log = appendLog(core, tx, conversation)
    await addPeople(core, tx, { conversation, log, people: people.map((user) => ({ user, role: 'member' })), actor: who.user, tell })
    await log.close()
    if (log.events.length > 0) tell({ kind: 'log', conv, events: log.events, recipients: await tx.memberIds(conv) })
    return factsNow(tx, who, conv)
  })
}

export function newConversation(core: Core, who: Pick<Identity, 'tenant'>, kind: ConversationKind, name: string): ConversationRow {
  const at = core.now()
  const id = core.newId() as ConversationId
  return { id, tenant: who.tenant, kind, name, picture: null, createdAt: at, rev: 0, seq: 0, h: CHAIN_START, floorRev: 0, marksRev: 0, changedAt: at }
}

/** People who may be put into a group by the asking person. */
async function peopleOf(tx: Tx, who: Identity, ids: Set<UserId>): Promise<UserRow[]> {
  const people: UserRow[] = []
  for (const id of ids) people.push(await personFor(tx, who, 'person:add', id))
  return people
}
