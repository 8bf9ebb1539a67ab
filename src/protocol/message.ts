import * as z from 'zod/mini'
import { Files } from './files.ts'
import { ClientId, ConversationId, MessageId, Millis, OperationId, Rev, Seq, UserId } from './ids.ts'
import { BODY_MAX_BYTES, BODY_MAX_GRAPHEMES } from './limits.ts'

const encoder = new TextEncoder()
/** Grapheme clusters; a family emoji counts as one. */
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

export const utf8Bytes = (text: string): number => encoder.encode(text).length

/** How many characters a person would say this text has; counting stops just above `limit`. */
export function graphemeCount(text: string, limit = Infinity): number {
  if (text.length <= limit && /^[\x20-\x7e\n]*$/.test(text)) return text.length
  let count = 0
  for (const _ of graphemes.segment(text)) if (++count > limit) break
  return count
}

export type BodyFault = 'empty' | 'tooLong' | 'notText'

/** What is wrong with a text as a message body, or undefined. Any Unicode is fine except NUL and lone surrogates. */
export function bodyFault(text: string): BodyFault | undefined {
  if (text.trim() === '') return 'empty'
  if (text.includes('\0') || !text.isWellFormed()) return 'notText'
  if (text.length > BODY_MAX_BYTES || utf8Bytes(text) > BODY_MAX_BYTES) return 'tooLong'
  if (graphemeCount(text, BODY_MAX_GRAPHEMES) > BODY_MAX_GRAPHEMES) return 'tooLong'
  return undefined
}

/** Who reacted, by emoji. */
const Reactions = z.record(z.string(), z.array(UserId))
export type Reactions = z.infer<typeof Reactions>

/** A stored message in its current state, edits, deletion and reactions applied. */
export const ChatMessage = z.object({
  id: MessageId,
  clientId: ClientId,
  conv: ConversationId,
  seq: Seq,
  sender: UserId,
  /** The sender's name when this was read from the server; a newer name from presence or members wins on screen. */
  senderName: z.string(),
  /** Exactly as typed; empty once deleted, and where somebody sent nothing but files. */
  body: z.string(),
  sentAt: Millis,
  /** When the server stored it. */
  at: Millis,
  /** The rev of the last event that changed this message; of two versions the higher wins. */
  version: Rev,
  replyTo: z.optional(MessageId),
  editedAt: z.optional(Millis),
  deletedAt: z.optional(Millis),
  files: z.optional(Files),
  reactions: z.optional(Reactions),
})
export type ChatMessage = z.infer<typeof ChatMessage>

/** The message an operation is about: by server id, or by its writer's client id while it may still be unsent. */
export const MessageRef = z.union([z.object({ id: MessageId }), z.object({ clientId: ClientId, sender: UserId })])
export type MessageRef = z.infer<typeof MessageRef>

const REACTION_MAX_UNITS = 32

/** A change to a stored message, idempotent by `opId`. */
export const Operation = z.union([
  z.object({ kind: z.literal('edit'), opId: OperationId, target: MessageRef, body: z.string() }),
  z.object({ kind: z.literal('delete'), opId: OperationId, target: MessageRef }),
  z.object({
    kind: z.literal('react'),
    opId: OperationId,
    target: MessageRef,
    emoji: z.string().check(z.minLength(1), z.maxLength(REACTION_MAX_UNITS)),
  }),
  z.object({
    kind: z.literal('unreact'),
    opId: OperationId,
    target: MessageRef,
    emoji: z.string().check(z.minLength(1), z.maxLength(REACTION_MAX_UNITS)),
  }),
])
export type Operation = z.infer<typeof Operation>
