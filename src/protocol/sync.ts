import * as z from 'zod/mini'
import { ConversationFacts } from './conversation.ts'
import { ChainHash, ClientId, ConversationId, DeviceId, Epoch, MessageId, Millis, PictureId, Rev, Seq, SessionId, UserId } from './ids.ts'
import { AnyLogEvent } from './log.ts'
import { BATCH_MAX, HEADS_MAX, PAGE_MAX, WATCH_MAX } from './limits.ts'
import { ChatMessage, MessageDraft, Operation } from './message.ts'
import { Presence } from './presence.ts'
import { Me } from './session.ts'

/** Where a client stands in one conversation: highest contiguous rev, the hash there, and the version of the marks it knows. */
export const Position = z.tuple([Rev, ChainHash, z.int()])
export type Position = z.infer<typeof Position>

const Positions = z.record(ConversationId, Position).check(z.refine((all) => Object.keys(all).length <= HEADS_MAX))

/** Where a conversation stands on the server. */
export const Head = z.object({ rev: Rev, seq: Seq, h: ChainHash, marksRev: z.int(), facts: ConversationFacts })
export type Head = z.infer<typeof Head>

const headsAnswer = {
  /** Only conversations whose rev, hash or marks differ from the client's, and those the client does not know. */
  heads: z.record(ConversationId, Head),
  /** Conversations the client named and the person is no longer a member of. */
  left: z.array(ConversationId),
  /** Conversations whose hash at the client's rev differs, or whose log is shorter than the client's: a restored database. */
  diverged: z.array(ConversationId),
  urev: Rev,
}

/** Where a client stands in more than `HEADS_MAX` conversations: what does not fit into hello goes ahead of it. */
export const HelloPart = { request: z.object({ convs: Positions }), answer: z.object({}) }

/** First request on every connection but for parts of it; anything else before its answer is refused with `E_NO_SESSION`. */
export const Hello = {
  request: z.object({ epoch: z.nullable(Epoch), urev: Rev, convs: Positions }),
  answer: z.object({
    proto: z.int(),
    epoch: Epoch,
    connId: z.string(),
    sessionId: SessionId,
    deviceId: DeviceId,
    /** Server time. */
    now: Millis,
    user: Me,
    isReconnection: z.boolean(),
    reconnectCount: z.int(),
    tokenExpiresInMs: z.number(),
    limits: z.object({ maxBodyBytes: z.int(), maxBatch: z.int(), pageMax: z.int() }),
    ...headsAnswer,
  }),
}
export type HelloAnswer = z.infer<typeof Hello.answer>

/** Anti-entropy: "is there anything I should have?" Nothing depends on a broadcast arriving. */
export const Heads = { request: z.object({ urev: Rev, convs: Positions }), answer: z.object(headsAnswer) }
export type HeadsAnswer = z.infer<typeof Heads.answer>

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

export const Pull = {
  /** Everything after `from`; 0 means "I have nothing" and is answered with a reset. `bytes`: as much as the line brings in a second; little unless asked for. */
  request: z.object({
    conv: ConversationId,
    from: Rev,
    limit: z.optional(z.int().check(z.positive())),
    bytes: z.optional(z.int().check(z.positive())),
  }),
  /** Either the complete, contiguous events (from, to], or a reset. There is more while `to < head`. */
  answer: z.union([z.object({ from: Rev, to: Rev, head: Rev, events: z.array(AnyLogEvent) }), z.object({ reset: Reset })]),
}
export type PullAnswer = z.infer<typeof Pull.answer>

/** Older or newer messages of a conversation: exactly one of the three positions. */
export const HistoryPage = {
  request: z.object({
    conv: ConversationId,
    at: z.union([z.object({ beforeSeq: Seq }), z.object({ afterSeq: Seq }), z.object({ aroundSeq: Seq })]),
    limit: z.int().check(z.positive(), z.maximum(PAGE_MAX)),
  }),
  answer: z.object({
    /** Ascending, contiguous. */
    messages: z.array(ChatMessage),
    notes: z.array(AnyLogEvent),
    /** True when nothing this person may see lies before the page. */
    start: z.boolean(),
    /** The log's rev when this was read. A client behind it pulls, so that edits are not applied twice. */
    rev: Rev,
  }),
}
export type HistoryAnswer = z.infer<typeof HistoryPage.answer>

/** In written order; one request in flight per conversation, always starting at the oldest unsettled message. */
export const Send = {
  request: z.object({ conv: ConversationId, messages: z.array(MessageDraft).check(z.minLength(1), z.maxLength(BATCH_MAX)) }),
  answer: z.object({
    /** One per message, in the same order. `dup`: it was stored before, and this is what was stored. `gone`: stored before and purged since. */
    results: z.array(
      z.union([
        z.object({
          clientId: ClientId,
          ok: z.literal(true),
          id: MessageId,
          seq: Seq,
          rev: Rev,
          at: Millis,
          dup: z.optional(z.boolean()),
          gone: z.optional(z.boolean()),
        }),
        z.object({
          clientId: ClientId,
          ok: z.literal(false),
          code: z.enum(['E_INVALID', 'E_TOO_BIG', 'E_ID_CONFLICT', 'E_NOT_FOUND', 'E_FORBIDDEN', 'E_NOT_MEMBER']),
        }),
      ]),
    ),
  }),
}
export type SendResult = z.infer<typeof Send.answer>['results'][number]

export const Apply = {
  request: z.object({ conv: ConversationId, operation: Operation }),
  answer: z.object({ rev: Rev, dup: z.optional(z.boolean()) }),
}

/** Own watermarks; the server keeps the higher of old and new. */
export const Mark = {
  request: z.object({ conv: ConversationId, delivered: z.optional(Seq), read: z.optional(Seq) }),
  answer: z.object({ delivered: Seq, read: Seq }),
}

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

export const UserPull = { request: z.object({ from: Rev }), answer: z.object({ events: z.array(UserEvent), urev: Rev }) }

export const Watch = {
  request: z.object({ users: z.array(UserId).check(z.maxLength(WATCH_MAX)) }),
  answer: z.object({ states: z.array(Presence) }),
}
