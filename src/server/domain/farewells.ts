import type { ConversationId, UserId } from '#protocol/ids.ts'
import type { SessionRow, Tx } from '#server/storage/store.ts'
import type { Core, Notice } from './core.ts'
import { liveSessions } from './devices.ts'
import { tellConsent } from './directs.ts'
import { takeOut } from './leaving.ts'
import { write } from './write.ts'

/** What stands where the name of somebody stood who is there no more. */
const NOBODYS_NAME = 'Deleted account'

/**
 * Deletes an account: they leave their groups and the lobby, and nothing personal of them remains. Their messages stay, under the name of
 * nobody; so do the direct conversations of the others. Answers the sessions they had, for their connections to be cut.
 */
export async function deleteAccount(core: Core, { user: id }: { user: UserId }): Promise<SessionRow[]> {
  return write(core, async (tx, tell) => {
    const sessions = await liveSessions(core, tx, id)
    await tx.lockUser(id)
    // first of all, so that what is told of it from here on has no name in it
    await tx.updateUser(id, { name: NOBODYS_NAME })
    for (const { conversation } of await tx.conversationsOf(id)) await withdraw(core, tx, conversation.id, id, tell)
    await tx.forgetUser(id, NOBODYS_NAME, core.now())
    return sessions
  })
}

async function withdraw(core: Core, tx: Tx, conv: ConversationId, user: UserId, tell: (notice: Notice) => void): Promise<void> {
  const conversation = await tx.lockConversation(conv)
  const membership = await tx.membership(conv, user)
  if (!conversation || !membership) return
  if (conversation.kind === 'direct') return tellConsent(core, tx, membership, tell)
  if (conversation.kind === 'group') return takeOut(core, tx, { conversation, leaving: membership, actor: user, tell })
  // nobody's coming or going is noted in the lobby
  await tx.updateMember(conv, user, { leftRev: conversation.rev })
  await tx.updateConversation(conv, { marksRev: conversation.marksRev + 1 })
}

/** So many at a time, each in a transaction of its own: nobody waits for it. */
const AT_ONCE = 100

/** Deletes guests who have not been here for this long. Answers their sessions. */
export async function endIdleGuests(core: Core, { idleMs }: { idleMs: number }): Promise<SessionRow[]> {
  const idle = await core.store.read((tx) => tx.guestsIdleSince(core.now() - idleMs, AT_ONCE))
  const ended: SessionRow[] = []
  for (const { id } of idle) ended.push(...(await deleteAccount(core, { user: id })))
  return ended
}
