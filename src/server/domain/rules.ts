import type { RefusalCode } from '#protocol/codes.ts'
import type { Permission } from '#protocol/session.ts'
import { Refused, type ConversationRow, type Membership, type UserRow } from '#server/storage/store.ts'
import type { Identity } from './core.ts'

/*
 * Who may do what: one table. Each action names its rules in the order in which they are looked at; the first that doesn't hold refuses with
 * its code. That somebody is signed in at all, not banned, and on time is settled before, at both doors.
 */

/** How the asking person stands to what they ask about. What an action has nothing to do with is left out. */
export type Standing = {
  who: Identity
  /** undefined: there is none. */
  conversation?: ConversationRow | undefined
  /** undefined: never a member, or one no longer. */
  membership?: Membership | undefined
  /** The message it is about; undefined: there is none that they may see. */
  message?: { sender: UserRow['id'] } | undefined
  /** The other person it is about. */
  person?: UserRow | undefined
  /** One of the two, in a direct conversation or otherwise, has blocked the other, or is there no more. */
  isBlocked?: boolean
  /** The other person wants to hear from somebody like the asking one. */
  isWelcome?: boolean
  /** As many messages as may be sent to somebody who has not agreed yet. */
  isPatienceOver?: boolean
}

type Rule = { code: RefusalCode; why: string; holds: (standing: Standing) => boolean }

const permitted = (permission: Permission): Rule => ({
  code: 'E_FORBIDDEN',
  why: permission,
  holds: ({ who }) => who.permissions.includes(permission),
})
/** What another tenant has is not there: nobody learns more of it than that. */
const ours: Rule = { code: 'E_NOT_FOUND', why: 'conversation', holds: ({ who, conversation }) => conversation?.tenant === who.tenant }
const member: Rule = { code: 'E_NOT_MEMBER', why: 'member', holds: ({ membership }) => membership !== undefined }
/** Direct conversations and the lobby have the members they have. */
const group: Rule = { code: 'E_FORBIDDEN', why: 'not a group', holds: ({ conversation }) => conversation?.kind === 'group' }
const owner: Rule = { code: 'E_FORBIDDEN', why: 'owner', holds: ({ membership }) => membership?.role === 'owner' }
const there: Rule = { code: 'E_NOT_FOUND', why: 'message', holds: ({ message }) => message !== undefined }
const author: Rule = { code: 'E_FORBIDDEN', why: 'author', holds: ({ who, message }) => message?.sender === who.user }
const authorOrOwner: Rule = {
  code: 'E_FORBIDDEN',
  why: 'author',
  holds: (standing) => author.holds(standing) || (group.holds(standing) && owner.holds(standing)),
}
const somebody: Rule = { code: 'E_NOT_FOUND', why: 'person', holds: ({ who, person }) => person?.tenant === who.tenant && person.deletedAt === null }
const somebodyElse: Rule = { code: 'E_INVALID', why: 'with oneself', holds: ({ who, person }) => person?.id !== who.user }
const atPeace: Rule = { code: 'E_FORBIDDEN', why: 'blocked', holds: ({ isBlocked }) => isBlocked !== true }
const welcome: Rule = { code: 'E_FORBIDDEN', why: 'not welcome', holds: ({ isWelcome }) => isWelcome !== false }
const patient: Rule = { code: 'E_FORBIDDEN', why: 'not accepted yet', holds: ({ isPatienceOver }) => isPatienceOver !== true }

const writing = [permitted('message:send'), ours, member] as const

export const RULES = {
  'message:send': [...writing, atPeace, patient],
  'message:edit': [...writing, there, author, atPeace],
  'message:react': [...writing, there, atPeace],
  'message:delete': [...writing, there, authorOrOwner],
  'log:read': [ours, member],
  'receipt:mark': [ours, member],
  'conversation:open': [ours, member],
  'conversation:mute': [ours, member],
  'direct:accept': [ours, member],
  'group:make': [permitted('group:create')],
  'group:rename': [ours, member, group],
  'group:add': [ours, member, group],
  /** Owners are of groups alone. */
  'group:picture': [ours, member, owner],
  'group:remove': [ours, member, owner],
  'group:leave': [ours, member, group],
  'group:invite': [permitted('invite:create'), ours, member, group],
  /** Somebody into a group. */
  'person:add': [somebody, atPeace, welcome],
  /** A direct conversation that is not there yet. */
  'person:write': [somebody, somebodyElse, atPeace, welcome],
  /** Also somebody who is not welcome, or has blocked them: they have nothing to do with it. */
  'person:block': [somebody, somebodyElse],
  'person:report': [somebody, somebodyElse],
} satisfies Record<string, readonly Rule[]>

export type Action = keyof typeof RULES

/** The rule that stands in the way of this action, if any. */
export const obstacle = (action: Action, standing: Standing): Rule | undefined =>
  (RULES[action] as readonly Rule[]).find((rule) => !rule.holds(standing))

/** Throws `Refused` with the code of the first rule that doesn't hold. */
export function demand(action: Action, standing: Standing): void {
  const rule = obstacle(action, standing)
  if (rule) throw new Refused(rule.code, rule.why)
}
