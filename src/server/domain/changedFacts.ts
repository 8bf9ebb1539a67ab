import type { ConversationId, UserId } from '#protocol/ids.ts'
import type { Tx } from '#server/storage/store.ts'
import type { Core, Notice } from './core.ts'

/** Makes the facts of a conversation count as new, so that its members ask for them. */
export async function factsChanged(tx: Tx, conv: ConversationId): Promise<void> {
  const conversation = await tx.lockConversation(conv)
  if (conversation) await tx.updateConversation(conv, { marksRev: conversation.marksRev + 1 })
}

/** As `factsChanged`, and these of its members ask at once. */
export async function tellChanged(
  core: Core,
  tx: Tx,
  { conv, users }: { conv: ConversationId; users: readonly UserId[] },
  tell: (notice: Notice) => void,
): Promise<void> {
  await factsChanged(tx, conv)
  for (const user of users) tell({ kind: 'user', user, event: await tx.appendUserEvent(user, { kind: 'conv.changed', conv }, core.now()) })
}
