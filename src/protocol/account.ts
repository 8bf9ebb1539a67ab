import * as z from 'zod/mini'
import { DisplayName } from './http.ts'
import { DeviceId } from './ids.ts'
import { LOGIN_MAX, LOGIN_MIN, PASSWORD_MAX_BYTES, PASSWORD_MIN } from './limits.ts'
import { utf8Bytes } from './message.ts'

/** What a person signs in with, unique in their tenant: letters a to z, digits, and `. _ - + @`; capitals count as small ones. */
export const LoginName = z
  .string()
  .check(z.trim(), z.toLowerCase(), z.minLength(LOGIN_MIN), z.maxLength(LOGIN_MAX), z.regex(/^[a-z0-9]+([._+@-]+[a-z0-9]+)*$/))

/**
 * A password as it is typed to sign in: anything that could be one. Compared in the normal form NFKC, because two keyboards may write the
 * same character in two ways (NIST SP 800-63B, 5.1.1.2).
 */
export const Password = z.string().check(
  z.minLength(1),
  z.refine((text) => text.isWellFormed() && utf8Bytes(text) <= PASSWORD_MAX_BYTES),
  z.normalize('NFKC'),
)

/** A password as it is chosen: long enough, and nothing that everybody tries first. Length is all that is asked of it (same source). */
export const NewPassword = Password.check(
  z.minLength(PASSWORD_MIN),
  z.refine((text) => !isGuessable(text)),
)

const RUNS = ['abcdefghijklmnopqrstuvwxyz', '01234567890123456789', 'qwertyuiopasdfghjklzxcvbnm', 'qwertzuiopasdfghjklyxcvbnm']
const WORDS = /^(pass(word|wort)?|qwert[yz]|letmein|iloveyou|welcome|tidemark|admin(istrator)?)[\d!.?*]*$/

/** The same character again and again, a run along the alphabet, the digits or the keys, or a word known to everybody. */
export function isGuessable(text: string): boolean {
  const small = text.toLowerCase()
  const back = [...small].toReversed().join('')
  return new Set(small).size === 1 || WORDS.test(small) || RUNS.some((run) => run.includes(small) || run.includes(back))
}

export const RegisterRequest = z.object({ login: LoginName, password: NewPassword, name: z.optional(DisplayName), deviceId: DeviceId })
/** `signOut`: the device that makes room for this one, where there are as many as there may be. */
export const LoginRequest = z.object({ login: LoginName, password: Password, deviceId: DeviceId, signOut: z.optional(DeviceId) })
/** A guest becomes a registered person, with everything they have. */
export const KeepRequest = z.object({ login: LoginName, password: NewPassword })
/** By a link from the operators: a new password, and signed in. */
export const ResetRequest = z.object({
  code: z.string().check(z.regex(/^[A-Za-z0-9_-]{20,100}$/)),
  password: NewPassword,
  deviceId: DeviceId,
  signOutOthers: z.boolean(),
})
/** Registered people say it is them by their password; guests have none. */
export const DeleteRequest = z.object({ password: z.optional(Password) })
/** `signOutOthers`: every other device has to sign in anew, and passkeys open nothing any more. */
export const PasswordRequest = z.object({ password: Password, newPassword: NewPassword, signOutOthers: z.boolean() })
