import * as z from 'zod/mini'
import { FAREWELLS, type FarewellCode } from './codes.ts'
import { ChainHash, ClientId, ConversationId, DeviceId, Epoch, MessageId, Millis, Rev, Seq, SessionId, UserId } from './ids.ts'
import { AnyLogEvent } from './log.ts'
import { ChatMessage } from './message.ts'
import { Presence } from './presence.ts'
import type { Reply } from './reply.ts'
import type { RequestName, RequestOf } from './requests.ts'
import { Me } from './session.ts'
import { Head, Reset, UserEvent } from './sync.ts'

export type { RequestName, RequestOf } from './requests.ts'

const nothing = z.object({})

const headsAnswer = {
  /** Only conversations whose rev, hash or marks differ from the client's, and those the client does not know. */
  heads: z.record(ConversationId, Head),
  /** Conversations the client named and the person is no longer a member of. */
  left: z.array(ConversationId),
  /** Conversations whose hash at the client's rev differs, or whose log is shorter than the client's: a restored database. */
  diverged: z.array(ConversationId),
  urev: Rev,
}

/** What the server answers when it can, as the client checks it: one for each of `REQUESTS`, which stand apart because no client reads them. */
export const ANSWERS = {
  'hello:part': nothing,
  hello: z.object({
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
  'sync:heads': z.object(headsAnswer),
  /** Either the complete, contiguous events (from, to], or a reset. There is more while `to < head`. */
  'sync:pull': z.union([z.object({ from: Rev, to: Rev, head: Rev, events: z.array(AnyLogEvent) }), z.object({ reset: Reset })]),
  'sync:user': z.object({ events: z.array(UserEvent), urev: Rev }),
  'history:page': z.object({
    /** Ascending, contiguous. */
    messages: z.array(ChatMessage),
    notes: z.array(AnyLogEvent),
    /** True when nothing this person may see lies before the page. */
    start: z.boolean(),
    /** The log's rev when this was read. A client behind it pulls, so that edits are not applied twice. */
    rev: Rev,
  }),
  'message:send': z.object({
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
  'operation:apply': z.object({ rev: Rev, dup: z.optional(z.boolean()) }),
  'receipt:mark': z.object({ delivered: Seq, read: Seq }),
  probe: z.object({ t: z.number(), now: Millis }),
  'session:refresh': z.object({ expiresInMs: z.number() }),
  'conversation:open': nothing,
  'conversation:close': nothing,
  'presence:watch': z.object({ states: z.array(Presence) }),
  'presence:set': nothing,
  'typing:set': nothing,
} as const satisfies Record<RequestName, z.ZodMiniType>

/** What the server tells without being asked. Each is one object. */
export const PUSHES = {
  /** New entries of a conversation's log, contiguous and ascending; sent after the commit, to whoever was a member inside it. */
  'log:events': z.object({ conv: ConversationId, events: z.array(AnyLogEvent) }),
  /** "You should have at least this": from the head poller, when a broadcast may have been lost. */
  'log:head': z.object({ conv: ConversationId, rev: Rev, h: ChainHash }),
  'user:event': UserEvent,
  'receipt:changed': z.object({ conv: ConversationId, user: UserId, delivered: Seq, read: Seq, marksRev: z.int() }),
  /** `forMs` from now, so that no two clocks are compared; 0 = stopped. */
  'typing:changed': z.object({ conv: ConversationId, user: UserId, name: z.string(), forMs: z.number() }),
  'presence:changed': z.object({ states: z.array(Presence) }),
  'session:expiring': z.object({ expiresInMs: z.number() }),
  /** Always the last thing said before the server hangs up. */
  'server:farewell': z.object({
    code: z.enum(Object.keys(FAREWELLS) as [FarewellCode, ...FarewellCode[]]),
    reconnectInMs: z.optional(z.number()),
  }),
} as const

export type AnswerOf<N extends RequestName> = z.infer<(typeof ANSWERS)[N]>
export type PushName = keyof typeof PUSHES
export type PushOf<N extends PushName> = z.infer<(typeof PUSHES)[N]>
export type SendResult = AnswerOf<'message:send'>['results'][number]

export type ClientToServerEvents = { [N in RequestName]: (request: RequestOf<N>, answer: (reply: Reply<AnswerOf<N>>) => void) => void }
export type ServerToClientEvents = { [N in PushName]: (push: PushOf<N>) => void }
