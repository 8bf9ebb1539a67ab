import type { AnswerOf, RequestOf } from '#protocol/events.ts'
import { MARKS_MAX_MEMBERS } from '#protocol/limits.ts'
import type { Core, Identity } from './core.ts'
import { placeIn, standingIn } from './membership.ts'
import { write } from './write.ts'

/**
 * Moves the asking person's watermarks on, never back: `delivered` no further than what is stored, and what was read was delivered.
 * In big conversations only the person's own devices are told; the others would hear little else.
 */
export async function mark(
  core: Core,
  who: Identity,
  { conv, delivered = 0, read = 0 }: RequestOf<'receipt:mark'>,
): Promise<AnswerOf<'receipt:mark'>> {
  return write(core, async (tx, tell) => {
    const standing = await standingIn(tx, who, await tx.lockConversation(conv))
    const { conversation, membership } = placeIn('receipt:mark', standing)
    const { seq } = conversation
    const marks = {
      delivered: Math.max(membership.delivered, Math.min(Math.max(delivered, read), seq)),
      read: Math.max(membership.read, Math.min(read, seq)),
    }
    if (marks.delivered === membership.delivered && marks.read === membership.read) return marks
    const marksRev = conversation.marksRev + 1
    await tx.updateMember(conv, who.user, marks)
    await tx.updateConversation(conv, { marksRev })
    const members = await tx.memberIds(conv)
    const recipients = members.length > MARKS_MAX_MEMBERS || standing.isBlocked ? [who.user] : members
    tell({ kind: 'receipt', conv, user: who.user, ...marks, marksRev, recipients })
    return marks
  })
}
