import type { ConversationId, UserId } from '#protocol/ids.ts'
import type { Membership, Tx } from '#server/storage/store.ts'
import { appendLog } from './appendLog.ts'
import type { Core, Identity, Notice } from './core.ts'
import { lockedPlaceOf, type Place } from './membership.ts'
import { withoutPicture } from './people.ts'
import { write } from './write.ts'

/** Leaves a group. When the last owner goes, the oldest member owns it. */
export async function leave(core: Core, who: Identity, { conv }: { conv: ConversationId }): Promise<void> {
  await write(core, async (tx, tell) => {
    const place = await lockedPlaceOf(tx, who, 'group:leave', conv)
    await takeOut(core, tx, { ...place, leaving: place.membership, actor: who.user, tell })
  })
}

/** Takes somebody out of a group, by an owner; harmless when they are not in it. */
export async function removeMember(core: Core, who: Identity, { conv, user }: { conv: ConversationId; user: UserId }): Promise<void> {
  if (user === who.user) return leave(core, who, { conv })
  await write(core, async (tx, tell) => {
    const place = await lockedPlaceOf(tx, who, 'group:remove', conv)
    const leaving = await tx.membership(conv, user)
    if (leaving) await takeOut(core, tx, { ...place, leaving, actor: who.user, tell })
  })
}

type TakeOut = { conversation: Place['conversation']; leaving: Membership; actor: UserId; tell: (notice: Notice) => void }

/** The leave event is the last thing the one who goes is told; a message either was before it in the log or is refused. */
export async function takeOut(core: Core, tx: Tx, { conversation, leaving, actor, tell }: TakeOut): Promise<void> {
  const { id: conv, name, seq } = conversation
  const recipients = await tx.memberIds(conv)
  const log = appendLog(core, tx, conversation)
  const { rev } = await log.append({ kind: 'leave', actor, afterSeq: seq, person: withoutPicture(leaving.person) })
  await log.close()
  await tx.updateMember(conv, leaving.user, { leftRev: rev })
  // The marks of who is left are others now, and so may be their roles.
  await tx.updateConversation(conv, { marksRev: conversation.marksRev + 1 })
  if (leaving.role === 'owner') await promoteOldest(tx, conv)
  if (recipients.length === 1) {
    // nobody is there to see any of it any more
    await tx.removeFilesUpTo(conv, seq)
    await tx.setGroupPicture(conv, null)
  }
  tell({ kind: 'log', conv, events: log.events, recipients })
  const by = actor === leaving.user ? null : actor
  const event = await tx.appendUserEvent(leaving.user, { kind: 'conv.removed', conv, name, by }, log.at)
  tell({ kind: 'user', user: leaving.user, event })
}

async function promoteOldest(tx: Tx, conv: ConversationId): Promise<void> {
  const members = await tx.members(conv, Number.MAX_SAFE_INTEGER)
  const [oldest] = members
  if (oldest && members.every((member) => member.role !== 'owner')) await tx.updateMember(conv, oldest.user, { role: 'owner' })
}
