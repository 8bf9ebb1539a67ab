import { LoginName, NewPassword, isGuessable } from '#protocol/account.ts'
import { LOGIN_MAX, LOGIN_MIN, PASSWORD_MIN } from '#protocol/limits.ts'

export const LOGIN_HINT = `${LOGIN_MIN} to ${LOGIN_MAX} letters from a to z, digits, and . _ - + @ between them.`
export const PASSWORD_HINT = `At least ${PASSWORD_MIN} characters. A few words in a row are easy to keep in mind and hard to guess.`

/** What is wrong with a name to sign in with, and what to do about it; undefined when nothing is. */
export const loginFault = (login: string): string | undefined => (LoginName.safeParse(login).success ? undefined : `Choose ${LOGIN_HINT}`)

/** The same for a password that is being chosen. */
export function passwordFault(password: string): string | undefined {
  if (NewPassword.safeParse(password).success) return undefined
  if ([...password].length < PASSWORD_MIN) return `Choose at least ${PASSWORD_MIN} characters.`
  return isGuessable(password) ? 'This is among the first that anybody would try. Choose another one.' : 'This is too long. Choose a shorter one.'
}
