import type { Person, Role } from '#protocol/conversation.ts'
import type { ClientId, ConversationId, MessageId, OperationId, PictureId, UserId } from '#protocol/ids.ts'
import type { LogEvent, LogEventOf } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { MemberRow, Membership } from './store.ts'

/* How columns become what the rest of the server speaks of. Each list of columns stands beside the function that reads it. */

export const CONVERSATION_COLUMNS = `
  c.id, c.tenant, c.kind, c.name, c.picture, c.created_at AS createdAt, c.rev, c.seq, c.h, c.floor_rev AS floorRev, c.marks_rev AS marksRev,
  c.changed_at AS changedAt`

export const MEMBER_COLUMNS = `
  k.conv, k.user, k.role, k.joined_rev AS joinedRev, k.visible_from AS visibleFrom, k.left_rev AS leftRev, k.delivered, k.read,
  k.read_shown AS readShown, k.is_asked AS isAsked, k.is_muted AS isMuted`
/** What SQLite answers: it has no truth values. */
export type MemberColumns = Omit<MemberRow, 'isAsked' | 'isMuted'> & { isAsked: number; isMuted: number }

export const memberFrom = ({ isAsked, isMuted, ...row }: MemberColumns): MemberRow => ({ ...row, isAsked: isAsked === 1, isMuted: isMuted === 1 })

export const PERSON_COLUMNS = 'u.name AS personName, u.login IS NULL AND u.deleted_at IS NULL AS personIsGuest, u.picture AS personPicture'
export type PersonColumns = { personName: string; personIsGuest: number; personPicture: PictureId | null }

export function membershipFrom({ personName: name, personIsGuest, personPicture: picture, ...row }: MemberColumns & PersonColumns): Membership {
  return { ...memberFrom(row), person: { id: row.user, name, isGuest: personIsGuest === 1, ...(picture !== null && { picture }) } }
}

export const MESSAGE_COLUMNS = `
  m.id, m.client_id AS clientId, m.conv, m.seq, m.rev, m.h, m.sender, u.name AS senderName, m.body, m.sent_at AS sentAt, m.at, m.version,
  m.reply_to AS replyTo, m.edited_at AS editedAt, m.deleted_at AS deletedAt, m.reactions, m.files`

export type MessageColumns = {
  id: MessageId
  clientId: ClientId
  conv: ConversationId
  seq: number
  /** Of the `new` event. */
  rev: number
  h: string
  sender: UserId
  senderName: string
  body: string
  sentAt: number
  at: number
  version: number
  replyTo: MessageId | null
  editedAt: number | null
  deletedAt: number | null
  reactions: string | null
  files: string | null
}

export function messageFrom(row: MessageColumns): ChatMessage {
  const { id, clientId, conv, seq, sender, senderName, body, sentAt, at, version } = row
  return {
    id,
    clientId,
    conv,
    seq,
    sender,
    senderName,
    body,
    sentAt,
    at,
    version,
    ...(row.replyTo === null ? {} : { replyTo: row.replyTo }),
    ...(row.editedAt === null ? {} : { editedAt: row.editedAt }),
    ...(row.deletedAt === null ? {} : { deletedAt: row.deletedAt }),
    ...(row.files === null ? {} : { files: JSON.parse(row.files) as NonNullable<ChatMessage['files']> }),
    ...(row.reactions === null ? {} : { reactions: JSON.parse(row.reactions) as NonNullable<ChatMessage['reactions']> }),
  }
}

export function newEventFrom(row: MessageColumns): LogEventOf<'new'> {
  const { conv, rev, h, at, sender: actor } = row
  return { conv, rev, h, at, actor, kind: 'new', message: messageFrom(row) }
}

export const EVENT_COLUMNS = 'e.conv, e.rev, e.h, e.kind, e.actor, e.at, e.after_seq AS afterSeq, e.message, e.seq, e.op, e.data'

export type EventColumns = {
  conv: ConversationId
  rev: number
  h: string
  kind: string
  actor: UserId
  at: number
  afterSeq: number
  message: MessageId | null
  seq: number | null
  op: OperationId | null
  data: string | null
}

export type OtherEvent = Exclude<LogEvent, LogEventOf<'new'>>

/** What was written by another version may be of a kind unknown here: readers check. */
export function eventFrom({ conv, rev, h, kind, actor, at, afterSeq, message, seq, op, data }: EventColumns): OtherEvent {
  const about = message === null ? { afterSeq } : { messageId: message, seq, opId: op }
  const rest = data === null ? {} : (JSON.parse(data) as object)
  return { conv, rev, h, at, kind, actor, ...about, ...rest } as OtherEvent
}

/** What of an event has no column of its own. */
export function eventData(event: OtherEvent): string | null {
  switch (event.kind) {
    case 'delete':
      return null
    case 'edit':
      return JSON.stringify({ body: event.body })
    case 'react':
    case 'unreact':
      return JSON.stringify({ emoji: event.emoji })
    case 'join':
      return JSON.stringify({ person: event.person, role: event.role } satisfies { person: Person; role: Role })
    case 'leave':
      return JSON.stringify({ person: event.person } satisfies { person: Person })
    case 'meta':
      return JSON.stringify({ name: event.name })
  }
}
