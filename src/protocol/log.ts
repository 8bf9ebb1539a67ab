import * as z from 'zod/mini'
import { Person, Role } from './conversation.ts'
import { ChainHash, ConversationId, MessageId, Millis, OperationId, Rev, Seq, UserId } from './ids.ts'
import { ChatMessage, type Reactions } from './message.ts'

/**
 * The log of a conversation: append only, `rev` = 1, 2, 3 … without a hole. Everything a member may see happens here, so catching
 * up is one thing: read on from the highest contiguous rev.
 */
const base = {
  conv: ConversationId,
  rev: Rev,
  /** Hash chain at this rev. */
  h: ChainHash,
  /** Server time. */
  at: Millis,
  /** Who did it. */
  actor: UserId,
}
/** `seq` says where the message stands, so that nobody has to search for it. */
const onMessage = { ...base, messageId: MessageId, seq: Seq, opId: OperationId }

export const LogEvent = z.union([
  z.object({ ...base, kind: z.literal('new'), message: ChatMessage }),
  z.object({ ...onMessage, kind: z.literal('edit'), body: z.string() }),
  z.object({ ...onMessage, kind: z.literal('delete') }),
  z.object({ ...onMessage, kind: z.literal('react'), emoji: z.string() }),
  z.object({ ...onMessage, kind: z.literal('unreact'), emoji: z.string() }),
  /** `afterSeq`: the message this follows, so that a notice has its place between messages. */
  z.object({ ...base, kind: z.literal('join'), afterSeq: Seq, person: Person, role: Role }),
  /** Left by themselves when `actor` is the person, removed otherwise. */
  z.object({ ...base, kind: z.literal('leave'), afterSeq: Seq, person: Person }),
  z.object({ ...base, kind: z.literal('meta'), afterSeq: Seq, name: z.string() }),
])
export type LogEvent = z.infer<typeof LogEvent>
export type LogEventOf<K extends LogEvent['kind']> = Extract<LogEvent, { kind: K }>
/** Join, leave and meta: shown as a line between messages. */
export type Note = LogEventOf<'join'> | LogEventOf<'leave'> | LogEventOf<'meta'>

/**
 * An event this build can't read (a newer server's kind, a damaged row). It is kept aside and the cursor moves on, because one bad
 * event must not stop a conversation for ever.
 */
export const UnknownEvent = z.object({ conv: ConversationId, rev: Rev, h: ChainHash, kind: z.string() })
export type UnknownEvent = z.infer<typeof UnknownEvent>

export const AnyLogEvent = z.union([LogEvent, UnknownEvent])

/** Events are looked at several times on their way, and never change. */
const verdicts = new WeakMap<LogEvent | UnknownEvent, boolean>()

export function isKnown(event: LogEvent | UnknownEvent): event is LogEvent {
  let isOurs = verdicts.get(event)
  if (isOurs === undefined) verdicts.set(event, (isOurs = LogEvent.safeParse(event).success))
  return isOurs
}

/**
 * The message after an event about it, or the same object when the event changes nothing: an older or already applied event
 * (`rev <= version`), or one about another message. Applying twice is harmless.
 */
export function messageAfter(message: ChatMessage, event: LogEvent): ChatMessage {
  if (!('messageId' in event) || event.messageId !== message.id || event.rev <= message.version) return message
  const version = event.rev
  switch (event.kind) {
    case 'edit':
      return message.deletedAt === undefined ? { ...message, version, body: event.body, editedAt: event.at } : { ...message, version }
    case 'delete': {
      const { files: _, ...rest } = message
      return { ...rest, version, body: '', deletedAt: event.at, reactions: {} }
    }
    case 'react':
    case 'unreact':
      return { ...message, version, reactions: reactionsAfter(message.reactions, event) }
  }
}

/** Who reacted last stands last, and an emoji that nobody uses any more is gone. */
export function reactionsAfter(
  reactions: Reactions = {},
  { kind, emoji, actor }: { kind: 'react' | 'unreact'; emoji: string; actor: UserId },
): Reactions {
  const { [emoji]: before = [], ...rest } = reactions
  const others = before.filter((user) => user !== actor)
  const users = kind === 'react' ? [...others, actor] : others
  return users.length > 0 ? { ...rest, [emoji]: users } : rest
}
