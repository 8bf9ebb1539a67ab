import { refusal } from '#protocol/reply.ts'
import { passwordHashOf } from '#server/domain/accounts.ts'
import type { Identity } from '#server/domain/core.ts'
import type { HttpEdge } from './httpApp.ts'
import { demandHands, demandPatience, HttpRefused } from './replies.ts'

/**
 * Is it really them? An open page that somebody left is no place to guess at leisure. Answers the hash of their password; ends the request
 * when this is not it, and for guests, who have none.
 */
export async function demandPassword({ core, limits, passwords }: HttpEdge, who: Identity, password: string): Promise<string> {
  const passwordHash = await passwordHashOf(core, who)
  demandPatience(await limits.takeGuess(who.user))
  demandHands(passwords)
  if (!(await passwords.verify(password, passwordHash))) throw new HttpRefused(refusal('E_CREDENTIALS'))
  await limits.guessed(who.user)
  return passwordHash
}
