import * as z from 'zod/mini'
import { FileIds } from './fileRequests.ts'
import { ClientId, ConversationId, Epoch, MessageId, Millis, Rev, Seq, UserId } from './ids.ts'
import { BATCH_MAX, HEADS_MAX, PAGE_MAX, WATCH_MAX } from './limits.ts'
import { Operation } from './message.ts'
import { Position } from './sync.ts'

/** A message as the person wrote it: everything a retry needs, unchanged for ever. */
export const MessageDraft = z.object({
  clientId: ClientId,
  body: z.string(),
  /** The writer's clock; shown only in details, never used for order. */
  sentAt: Millis,
  replyTo: z.optional(MessageId),
  /** All of them are with the server already. */
  files: z.optional(FileIds),
})
export type MessageDraft = z.infer<typeof MessageDraft>

const Positions = z.record(ConversationId, Position).check(z.refine((all) => Object.keys(all).length <= HEADS_MAX))

/** What a client may ask, as the server checks it. Every request is one object and is answered exactly once with a `Reply`. */
export const REQUESTS = {
  /** Where a client stands in more than `HEADS_MAX` conversations: what does not fit into hello goes ahead of it. */
  'hello:part': z.object({ convs: Positions }),
  /** First on every connection but for parts of it; anything else before its answer is refused with `E_NO_SESSION`. */
  hello: z.object({ epoch: z.nullable(Epoch), urev: Rev, convs: Positions }),
  /** Anti-entropy: "is there anything I should have?" Nothing depends on a broadcast arriving. */
  'sync:heads': z.object({ urev: Rev, convs: Positions }),
  /** Everything after `from`; 0 means "I have nothing" and is answered with a reset. `bytes`: as much as the line brings in a second; little unless asked for. */
  'sync:pull': z.object({
    conv: ConversationId,
    from: Rev,
    limit: z.optional(z.int().check(z.positive())),
    bytes: z.optional(z.int().check(z.positive())),
  }),
  'sync:user': z.object({ from: Rev }),
  /** Older or newer messages of a conversation, or those on both sides of one: exactly one of the positions. */
  'history:page': z.object({
    conv: ConversationId,
    at: z.union([z.object({ beforeSeq: Seq }), z.object({ afterSeq: Seq }), z.object({ aroundSeq: Seq }), z.object({ around: MessageId })]),
    limit: z.int().check(z.positive(), z.maximum(PAGE_MAX)),
  }),
  /** In written order; one request in flight per conversation, always starting at the oldest unsettled message. */
  'message:send': z.object({ conv: ConversationId, messages: z.array(MessageDraft).check(z.minLength(1), z.maxLength(BATCH_MAX)) }),
  'operation:apply': z.object({ conv: ConversationId, operation: Operation }),
  /** Own watermarks; the server keeps the higher of old and new. */
  'receipt:mark': z.object({ conv: ConversationId, delivered: z.optional(Seq), read: z.optional(Seq) }),
  /** Is anybody there? Also tells the round-trip time. */
  probe: z.object({ t: z.number() }),
  /** A fresh access token for the same session, so that the socket outlives the old one. */
  'session:refresh': z.object({ token: z.string() }),
  /** What is being looked at: typing goes to viewers only. Never decides who gets messages. */
  'conversation:open': z.object({ conv: ConversationId }),
  'conversation:close': z.object({ conv: ConversationId }),
  /** Replaces the set of people whose presence this tab shows. */
  'presence:watch': z.object({ users: z.array(UserId).check(z.maxLength(WATCH_MAX)) }),
  'presence:set': z.object({ state: z.enum(['active', 'idle']) }),
  'typing:set': z.object({ conv: ConversationId, on: z.boolean() }),
} as const

export type RequestName = keyof typeof REQUESTS
export type RequestOf<N extends RequestName> = z.infer<(typeof REQUESTS)[N]>
