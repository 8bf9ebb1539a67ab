import type { ConversationId, UserId } from '#protocol/ids.ts'
import type { Role } from '#protocol/conversation.ts'
import type { ConversationRow, NewMemberRow, Tx, UserRow } from '#server/storage/store.ts'
import type { LogWriter } from './appendLog.ts'
import type { Core, Notice } from './core.ts'
import { personFrom } from './people.ts'

/** Where somebody who joins now begins: with nothing unread, and whatever `showing` lets them see. */
export function beginningNow(conversation: ConversationRow, log: LogWriter, user: UserId, role: Role): NewMemberRow {
  const { id: conv, seq } = conversation
  return { conv, user, role, joinedRev: log.nextRev(), visibleFrom: seq, leftRev: null, delivered: seq, read: seq, isAsked: false }
}

/** Makes people members of a group: a line in its log and an entry in their own log for each of them. They see what comes from here on. */
export async function addPeople(
  core: Core,
  tx: Tx,
  {
    conversation,
    log,
    people,
    actor,
    tell,
  }: {
    conversation: ConversationRow
    log: LogWriter
    people: { user: UserRow; role: Role }[]
    actor: UserId
    tell: (notice: Notice) => void
  },
): Promise<void> {
  // All begin at the first of their join events, so that everybody who came together sees the others come.
  const rows = people.map(({ user, role }) => beginningNow(conversation, log, user.id, role))
  for (const [i, { user, role }] of people.entries()) {
    await tx.insertMember(rows[i]!)
    await log.append({ kind: 'join', actor, afterSeq: conversation.seq, person: personFrom(user), role })
  }
  for (const { user } of people) await tellAdded(core, tx, user.id, conversation.id, tell)
}

export async function tellAdded(core: Core, tx: Tx, user: UserId, conv: ConversationId, tell: (notice: Notice) => void): Promise<void> {
  tell({ kind: 'user', user, event: await tx.appendUserEvent(user, { kind: 'conv.added', conv }, core.now()) })
}
