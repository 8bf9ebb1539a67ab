import * as z from 'zod/mini'
import { ConversationKind } from './conversation.ts'
import { ConversationId, MessageId, Millis, Seq, UserId } from './ids.ts'

/*
 * Web push: how a browser tells of messages while no page of it is open. What goes through the push service is encrypted for that browser
 * (RFC 8291) and signed by this server (RFC 8292); the service learns that something came, and for whom, but not what.
 */

const Base64url = z.string().check(z.regex(/^[A-Za-z0-9_-]+$/), z.maxLength(200))

/** Where a browser can be reached, as it says itself (`PushSubscriptionJSON`). */
export const PushRequest = z.object({
  endpoint: z.string().check(z.maxLength(2_000)),
  keys: z.object({ p256dh: Base64url, auth: Base64url }),
})
export type PushRequest = z.infer<typeof PushRequest>

/** This server's public key, by which a push service knows it: an uncompressed point of P-256, base64url. */
export const PushKeyAnswer = z.object({ key: z.string() })

/** What is pushed: the newest message that somebody has not read, and how many there are. */
export const PushedNews = z.object({
  user: UserId,
  conv: ConversationId,
  kind: ConversationKind,
  /** Of a group. */
  name: z.string(),
  count: z.int(),
  newest: z.object({
    id: MessageId,
    seq: Seq,
    at: Millis,
    senderName: z.string(),
    /** Its beginning, or the names of its files. */
    body: z.string(),
  }),
})
export type PushedNews = z.infer<typeof PushedNews>
