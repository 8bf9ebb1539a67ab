import * as z from 'zod/mini'
import { FAREWELLS, type FarewellCode } from './codes.ts'
import { ChainHash, ConversationId, Millis, Rev, Seq, UserId } from './ids.ts'
import { AnyLogEvent } from './log.ts'
import { Presence } from './presence.ts'
import type { Reply } from './reply.ts'
import { Apply, Heads, Hello, HelloPart, HistoryPage, Mark, Pull, Send, UserEvent, UserPull, Watch } from './sync.ts'

const nothing = z.object({})

/** What a client may ask. Every request is one object and is answered exactly once with a `Reply`. */
export const REQUESTS = {
  /** First on every connection. */
  'hello:part': HelloPart,
  hello: Hello,
  'sync:heads': Heads,
  'sync:pull': Pull,
  'sync:user': UserPull,
  'history:page': HistoryPage,
  'message:send': Send,
  'operation:apply': Apply,
  'receipt:mark': Mark,
  /** Is anybody there? Also tells the round-trip time. */
  probe: { request: z.object({ t: z.number() }), answer: z.object({ t: z.number(), now: Millis }) },
  /** A fresh access token for the same session, so that the socket outlives the old one. */
  'session:refresh': { request: z.object({ token: z.string() }), answer: z.object({ expiresInMs: z.number() }) },
  /** What is being looked at: typing goes to viewers only. Never decides who gets messages. */
  'conversation:open': { request: z.object({ conv: ConversationId }), answer: nothing },
  'conversation:close': { request: z.object({ conv: ConversationId }), answer: nothing },
  /** Replaces the set of people whose presence this tab shows. */
  'presence:watch': Watch,
  'presence:set': { request: z.object({ state: z.enum(['active', 'idle']) }), answer: nothing },
  'typing:set': { request: z.object({ conv: ConversationId, on: z.boolean() }), answer: nothing },
} as const

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

export type RequestName = keyof typeof REQUESTS
export type RequestOf<N extends RequestName> = z.infer<(typeof REQUESTS)[N]['request']>
export type AnswerOf<N extends RequestName> = z.infer<(typeof REQUESTS)[N]['answer']>
export type PushName = keyof typeof PUSHES
export type PushOf<N extends PushName> = z.infer<(typeof PUSHES)[N]>

export type ClientToServerEvents = { [N in RequestName]: (request: RequestOf<N>, answer: (reply: Reply<AnswerOf<N>>) => void) => void }
export type ServerToClientEvents = { [N in PushName]: (push: PushOf<N>) => void }
