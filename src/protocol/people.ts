import * as z from 'zod/mini'
import { Profile } from './conversation.ts'
import { MessageId, UserId } from './ids.ts'
import { NAME_MAX_GRAPHEMES, PICTURE_MAX_BYTES, REPORT_MAX } from './limits.ts'

/** Who may begin to write to somebody: `anyone`, only those who are in a group with them, or `nobody` who hasn't yet. */
export const Contact = z.enum(['anyone', 'shared', 'nobody'])
export type Contact = z.infer<typeof Contact>

/** Whether the others are told what somebody read, or only what reached one of their devices. */
export const Receipts = z.enum(['shown', 'hidden'])
export type Receipts = z.infer<typeof Receipts>

/** What `?q=` may be: the beginning of a word in a name, or of a name to sign in with. */
export const PeopleQuery = z.object({ q: z.string().check(z.trim(), z.minLength(1), z.maxLength(4 * NAME_MAX_GRAPHEMES)) })
export const PeopleAnswer = z.object({ people: z.array(Profile) })

export const BlockRequest = z.object({ user: UserId })
export const ContactRequest = z.object({ contact: Contact })
export const ContactAnswer = z.object({ contact: Contact })
export const ReceiptsRequest = z.object({ receipts: Receipts })
export const ReceiptsAnswer = z.object({ receipts: Receipts })

/** A JPEG as base64 (RFC 4648 §4). */
export const PictureRequest = z.object({
  jpeg: z.string().check(z.regex(/^[A-Za-z0-9+/]+={0,2}$/), z.maxLength(4 * Math.ceil(PICTURE_MAX_BYTES / 3))),
})

/** To the operators: somebody, perhaps a message of theirs, and why. */
export const ReportRequest = z.object({
  user: UserId,
  message: z.optional(MessageId),
  reason: z.string().check(z.trim(), z.minLength(1), z.maxLength(REPORT_MAX)),
})
