import { t } from '#client/words/t.ts'
import { LoginName, NewPassword, isGuessable } from '#protocol/account.ts'
import { LOGIN_MAX, LOGIN_MIN, PASSWORD_MIN } from '#protocol/limits.ts'

export const loginHint = (): string =>
  t('{least} to {most} letters from a to z, digits, and . _ - + @ between them.', { least: LOGIN_MIN, most: LOGIN_MAX })
export const passwordHint = (): string =>
  t('At least {least} characters. A few words in a row are easy to keep in mind and hard to guess.', { least: PASSWORD_MIN })

/** What is wrong with a name to sign in with, and what to do about it; undefined when nothing is. */
export const loginFault = (login: string): string | undefined =>
  LoginName.safeParse(login).success
    ? undefined
    : t('Choose {least} to {most} letters from a to z, digits, and . _ - + @ between them.', { least: LOGIN_MIN, most: LOGIN_MAX })

/** The same for a password that is being chosen. */
export function passwordFault(password: string): string | undefined {
  if (NewPassword.safeParse(password).success) return undefined
  if ([...password].length < PASSWORD_MIN) return t('Choose at least {least} characters.', { least: PASSWORD_MIN })
  return isGuessable(password)
    ? t('This is among the first that anybody would try. Choose another one.')
    : t('This is too long. Choose a shorter one.')
}
