import type { RefusalCode } from '#protocol/codes.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import type { Absences } from './absences.ts'
import { POISON } from './servers.ts'

/** A message with this in its text is one that can't be stored. */
export const UNSENDABLE = '\0'
/** So many server errors in a row condemn what is tried alone. */
const ERRORS_TO_CONDEMN = 5

/** A message or a change that was refused. */
export type RefusedOne = {
  user: UserId
  conv: ConversationId
  /** When it was asked for, and when it was refused. */
  from: number
  to: number
  texts: Iterable<string>
  /** Server errors by accident in between, whomever they hit. */
  errors: number
}

/** Was there a reason for this refusal in what it says, in who asked for it, and at that time? What befell others is none. */
export function hasCause(code: RefusalCode, { user, conv, from, to, texts, errors }: RefusedOne, absences: Absences): boolean {
  const says = (what: string) => [...texts].some((text) => text.includes(what))
  if (code === 'E_NOT_MEMBER') return absences.wasAway(user, conv, from, to)
  if (code === 'E_INVALID') return says(UNSENDABLE)
  return code === 'E_SERVER_ERROR' && (says(POISON) || errors >= ERRORS_TO_CONDEMN)
}
