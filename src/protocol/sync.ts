import * as z from 'zod/mini'
import { ConversationFacts } from './conversation.ts'
import { ChainHash, ConversationId, PictureId, Rev, Seq, UserId } from './ids.ts'
import { AnyLogEvent } from './log.ts'
import { ChatMessage } from './message.ts'

/** Where a client stands in one conversation: highest contiguous rev, the hash there, and the version of the marks it knows. */
export const Position = z.tuple([Rev, ChainHash, z.int()])
export type Position = z.infer<typeof Position>

/** Where a conversation stands on the server. */
export const Head = z.object({ rev: Rev, seq: Seq, h: ChainHash, marksRev: z.int(), facts: ConversationFacts })
export type Head = z.infer<typeof Head>

/** The state of a conversation without the way there: for a first load, after a purge, or when too much was missed. */
export const Reset = z.object({
  rev: Rev,
  h: ChainHash,
  seq: Seq,
  /** The newest messages, ascending and contiguous up to `seq`. Whatever lies below `messages[0]` is reached through `history:page`. */
  messages: z.array(ChatMessage),
  /** Join, leave and meta events between those messages. */
  notes: z.array(AnyLogEvent),
  marksRev: z.int(),
  facts: ConversationFacts,
})
export type Reset = z.infer<typeof Reset>

/** What happens to a person rather than to a conversation, numbered without a hole by `urev`. */
export const UserEvent = z.union([
  z.object({ kind: z.literal('conv.added'), urev: Rev, conv: ConversationId }),
  /** Its facts are others now: consent was given, or taken back. */
  z.object({ kind: z.literal('conv.changed'), urev: Rev, conv: ConversationId }),
  z.object({ kind: z.literal('conv.removed'), urev: Rev, conv: ConversationId, name: z.string(), by: z.nullable(UserId) }),
  /** What is not named stays as it was; `null`: there is no picture any more. */
  z.object({ kind: z.literal('profile'), urev: Rev, name: z.string(), isGuest: z.optional(z.boolean()), picture: z.optional(z.nullable(PictureId)) }),
  z.object({ kind: z.literal('notification'), urev: Rev, type: z.string(), from: z.nullable(UserId), conv: z.optional(ConversationId) }),
])
export type UserEvent = z.infer<typeof UserEvent>
export type UserEventOf<K extends UserEvent['kind']> = Extract<UserEvent, { kind: K }>
