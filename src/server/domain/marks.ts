import type { AnswerOf, RequestOf } from '#protocol/events.ts'
import { MARKS_MAX_MEMBERS } from '#protocol/limits.ts'
import type { Membership, Tx } from '#server/storage/store.ts'
import type { Core, Identity, Notice } from './core.ts'
import { placeIn, standingIn } from './membership.ts'
import { write } from './write.ts'

/** `delivered` = stored on one of somebody's devices, `read` = seen, each up to this seq. */
type Marks = { delivered: number; read: number }

/** Moves the asking person's watermarks on: `delivered` no further than what is stored, and what was read was delivered. */
export async function mark(
  core: Core,
  who: Identity,
  { conv, delivered = 0, read = 0 }: RequestOf<'receipt:mark'>,
): Promise<AnswerOf<'receipt:mark'>> {
  return write(core, async (tx, tell) => {
    const standing = await standingIn(tx, who, await tx.lockConversation(conv))
    const { conversation, membership } = placeIn('receipt:mark', standing)
    const { seq } = conversation
    const to = { delivered: Math.min(Math.max(delivered, read), seq), read: Math.min(read, seq) }
    return raiseMarks(tx, membership, to, { isBlocked: standing.isBlocked === true, tell })
  })
}

/**
 * Moves a member's watermarks on, never back, in a conversation whose lock is held. In big conversations only the person's own devices
 * are told; the others would hear little else. Who keeps what they read to themselves has it told to their own devices alone: for the
 * others nothing has happened then, not even that the conversation's marks changed.
 */
export async function raiseMarks(
  tx: Tx,
  member: Membership,
  to: Marks,
  { isBlocked, tell }: { isBlocked: boolean; tell: (notice: Notice) => void },
): Promise<Marks> {
  const { conv, user } = member
  const marks = { delivered: Math.max(member.delivered, to.delivered), read: Math.max(member.read, to.read) }
  const isHidden = (await tx.user(user))?.receipts === 'hidden'
  const readShown = isHidden ? member.readShown : marks.read
  const isShown = marks.delivered > member.delivered || readShown > member.readShown
  if (!isShown && marks.read === member.read) return marks

  const { marksRev: before } = (await tx.conversation(conv))!
  const marksRev = isShown ? before + 1 : before
  await tx.updateMember(conv, user, { ...marks, readShown })
  if (isShown) await tx.updateConversation(conv, { marksRev })

  const members = isShown && !isBlocked ? await tx.memberIds(conv) : []
  const others = members.length > MARKS_MAX_MEMBERS ? [] : members.filter((id) => id !== user)
  const notice = { kind: 'receipt', conv, user, marksRev } as const
  if (readShown === marks.read) tell({ ...notice, ...marks, recipients: [user, ...others] })
  else {
    tell({ ...notice, ...marks, recipients: [user] })
    if (others.length > 0) tell({ ...notice, ...marks, read: readShown, recipients: others })
  }
  return marks
}
