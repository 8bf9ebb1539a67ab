/**
 * Everything that can be refused, once. A program reads the code, a person the sentence, and the class says what a client does:
 *
 * - `keepTrying`  nothing is wrong with the request: send it again, unchanged, after `retryAfterMs` or the usual delay
 * - `ask`         this one request will never succeed: show it with its sentence and let the person decide
 * - `stop`        this connection will never succeed: no further attempt until the person does something
 */
export const CODES = {
  E_TIMEOUT: { class: 'keepTrying', sentence: 'No answer yet. It will be tried again.' },
  E_BUSY: { class: 'keepTrying', sentence: 'The server is busy. It will be tried again.' },
  E_INTERNAL: { class: 'keepTrying', sentence: 'The server had an error. It will be tried again.' },
  E_STORAGE: { class: 'keepTrying', sentence: 'The server could not store this just now. It will be tried again.' },
  E_NO_SESSION: { class: 'keepTrying', sentence: 'The connection was not ready. It will be tried again.' },
  E_RATE: { class: 'keepTrying', sentence: 'That was a lot at once. It will go out in a moment.' },
  E_AUTH_EXPIRED: { class: 'keepTrying', sentence: 'Your sign-in is being renewed.' },

  E_NOT_MEMBER: { class: 'ask', sentence: 'You are no longer a member of this conversation.' },
  E_TOO_BIG: { class: 'ask', sentence: 'This message is too long.' },
  E_INVALID: { class: 'ask', sentence: 'The server could not read this.' },
  E_FORBIDDEN: { class: 'ask', sentence: 'You are not allowed to do this.' },
  E_ID_CONFLICT: { class: 'ask', sentence: 'Another message already has this identity. Copy the text and send it anew.' },
  E_NOT_FOUND: { class: 'ask', sentence: 'This is no longer here.' },
  E_SERVER_ERROR: { class: 'ask', sentence: 'Server error.' },

  E_DEVICE_LIMIT: { class: 'stop', sentence: 'You are signed in on five devices already. Sign one of them out to continue here.' },
  E_AUTH_INVALID: { class: 'stop', sentence: 'Your session ended. Sign in again to continue.' },
  E_DEVICE_REVOKED: { class: 'stop', sentence: 'This device was signed out.' },
  E_BANNED: { class: 'stop', sentence: 'This account can no longer be used here.' },
  E_PROTO: { class: 'stop', sentence: 'This page is out of date. Reload it to continue.' },
} as const satisfies Record<string, { class: 'keepTrying' | 'ask' | 'stop'; sentence: string }>

export type Code = keyof typeof CODES
export type CodeOfClass<C extends (typeof CODES)[Code]['class']> = { [K in Code]: (typeof CODES)[K]['class'] extends C ? K : never }[Code]
/** Codes that make a message "Not sent". */
export type RefusalCode = CodeOfClass<'ask'>
/** Codes that end the connection until the person acts. */
export type StopCode = CodeOfClass<'stop'>

export function isCode(text: unknown): text is Code {
  return typeof text === 'string' && Object.hasOwn(CODES, text)
}

export const sentenceFor = (code: Code): string => CODES[code].sentence
export const classOf = (code: Code): (typeof CODES)[Code]['class'] => CODES[code].class
export const isRefusal = (code: Code): code is RefusalCode => classOf(code) === 'ask'
export const isStop = (code: Code): code is StopCode => classOf(code) === 'stop'

/** Why the server is about to hang up. Sent before every disconnect, because a bare one says nothing. */
export const FAREWELLS = {
  DRAIN: { then: 'redial', sentence: 'The server is restarting.' },
  SLOW: { then: 'redial', sentence: 'This connection could not keep up.' },
  E_RATE: { then: 'redial', sentence: 'Too much at once from this tab.' },
  AUTH_EXPIRED: { then: 'refresh', sentence: 'Your sign-in is being renewed.' },
  REPLACED: { then: 'stop', sentence: 'This conversation is open in another place with the same tab identity.' },
  SIGNED_OUT: { then: 'stop', sentence: 'You signed out.' },
  DEVICE_REVOKED: { then: 'stop', sentence: 'This device was signed out.' },
  BANNED: { then: 'stop', sentence: 'This account can no longer be used here.' },
  PROTO: { then: 'stop', sentence: 'This page is out of date. Reload it to continue.' },
} as const satisfies Record<string, { then: 'redial' | 'refresh' | 'stop'; sentence: string }>

export type FarewellCode = keyof typeof FAREWELLS
