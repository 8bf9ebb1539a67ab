import * as z from 'zod/mini'
import { ConversationFacts } from './conversation.ts'
import { ConversationId, DeviceId, Millis, UserId } from './ids.ts'
import { NAME_MAX_GRAPHEMES } from './limits.ts'
import { graphemeCount } from './message.ts'

/** Something that can be seen: a name of nothing but blanks, marks and signs without a shape could be anybody's. */
const SEEN = /[\p{L}\p{N}\p{P}\p{S}]/u

/** Under that name announcements stand. */
const OF_THE_OPERATORS = /^operators?$/i

/** A name of a person or group: some visible text, well-formed, at most `NAME_MAX_GRAPHEMES` long, and not the operators'. */
export const DisplayName = z.string().check(
  z.trim(),
  z.minLength(1),
  z.refine((name) => SEEN.test(name) && name.isWellFormed() && !name.includes('\0') && graphemeCount(name, NAME_MAX_GRAPHEMES) <= NAME_MAX_GRAPHEMES),
  z.refine((name) => !OF_THE_OPERATORS.test(name.normalize('NFKC').replace(/[^\p{L}\p{N}]/gu, ''))),
)

/** Bodies of the requests over HTTP; the answers carry the types of the live protocol. */
export const GuestRequest = z.object({ name: z.optional(DisplayName), deviceId: DeviceId })
export const RefreshRequest = z.object({ deviceId: DeviceId })
/** `user`: who leaves; the browser may be somebody else's meanwhile. Without it, whoever it is. */
export const LogoutRequest = z.object({ user: z.optional(UserId) })
export const RenameRequest = z.object({ name: DisplayName })
export const NewGroupRequest = z.object({ name: DisplayName, members: z.array(UserId).check(z.maxLength(200)) })
export const DirectRequest = z.object({ user: UserId })
export const MuteRequest = z.object({ muted: z.boolean() })
export const AddMembersRequest = z.object({ users: z.array(UserId).check(z.minLength(1), z.maxLength(200)) })

export const ConversationAnswer = z.object({ conversation: ConversationFacts })
export const ConversationsAnswer = z.object({ conversations: z.array(ConversationFacts) })
/** What anybody with the link may know about a group before joining. */
export const InviteFacts = z.object({ code: z.string(), conv: ConversationId, name: z.string(), memberCount: z.int(), isMember: z.boolean() })
export type InviteFacts = z.infer<typeof InviteFacts>
/** How long a link works, and for how many; without them for ever and for everybody. */
export const InviteRequest = z.object({
  forMs: z.optional(z.int().check(z.minimum(60_000), z.maximum(365 * 24 * 60 * 60 * 1000))),
  uses: z.optional(z.int().check(z.minimum(1), z.maximum(1_000))),
})
export type InviteTerms = z.infer<typeof InviteRequest>
export const InviteAnswer = z.object({
  code: z.string(),
  path: z.string(),
  createdAt: Millis,
  expiresAt: z.nullable(Millis),
  usesLeft: z.nullable(z.int()),
})
export type InviteAnswer = z.infer<typeof InviteAnswer>
export const InvitesAnswer = z.object({ invites: z.array(InviteAnswer) })
