import * as z from 'zod/mini'
import { ConversationId, Millis, PictureId, Seq, UserId } from './ids.ts'

export const ConversationKind = z.enum(['direct', 'group', 'lobby'])
export type ConversationKind = z.infer<typeof ConversationKind>

export const Role = z.enum(['owner', 'member'])
export type Role = z.infer<typeof Role>

/** Somebody as others may see them. */
export const Person = z.object({ id: UserId, name: z.string(), isGuest: z.boolean() })
export type Person = z.infer<typeof Person>

/** Somebody as they are now, with the picture they chose, if any. */
export const Profile = z.object({ ...Person.shape, picture: z.optional(PictureId) })
export type Profile = z.infer<typeof Profile>

/**
 * A member and the two watermarks that say how far they got: `delivered` = stored on one of their devices, `read` = seen. Both begin where
 * the member began, after `since` (absent: at the beginning): what was there before is called neither.
 */
export const Member = z.object({ ...Profile.shape, role: Role, delivered: Seq, read: Seq, since: z.optional(Seq) })
export type Member = z.infer<typeof Member>

export const Consent = z.enum(['asked', 'asking', 'blocked'])
export type Consent = z.infer<typeof Consent>

/** One conversation as its member sees it. */
export const ConversationFacts = z.object({
  id: ConversationId,
  kind: ConversationKind,
  /** Empty for a direct conversation, whose title is the other person's name. */
  name: z.string(),
  /** Of a group that has one. A direct conversation shows the other person's. */
  picture: z.optional(PictureId),
  createdAt: Millis,
  /** The asking person's own role and watermarks. */
  role: Role,
  delivered: Seq,
  read: Seq,
  /** First seq this person may see is `visibleFrom + 1`; messages before they joined a group stay hidden. */
  visibleFrom: Seq,
  memberCount: z.int(),
  /**
   * Of a direct conversation between two who have not agreed to it: `asked` = the other one wants to write to this person, who answers or
   * accepts to agree; `asking` = the other way round; `blocked` = this person has blocked the other. Absent: nothing stands between them.
   */
  consent: z.optional(Consent),
  /** The asking person wants no notifications from here, on none of their devices. Absent: they do. */
  muted: z.optional(z.boolean()),
  /** Everybody, the asking person included; empty when there are more than `MARKS_MAX_MEMBERS`. */
  members: z.array(Member),
})
export type ConversationFacts = z.infer<typeof ConversationFacts>
