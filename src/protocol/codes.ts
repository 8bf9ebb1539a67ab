/**
 * Everything that can be refused, once. A program reads the code, a person the sentence (`sentences.ts`), and the class says what a client does:
 *
 * - `keepTrying`  nothing is wrong with the request: send it again, unchanged, after `retryAfterMs` or the usual delay
 * - `ask`         this one request will never succeed: show it with its sentence and let the person decide
 * - `stop`        this connection will never succeed: no further attempt until the person does something
 */
export const CODES = {
  E_TIMEOUT: { class: 'keepTrying' },
  E_BUSY: { class: 'keepTrying' },
  E_INTERNAL: { class: 'keepTrying' },
  E_STORAGE: { class: 'keepTrying' },
  E_NO_SESSION: { class: 'keepTrying' },
  E_RATE: { class: 'keepTrying' },
  E_AUTH_EXPIRED: { class: 'keepTrying' },

  E_NOT_MEMBER: { class: 'ask' },
  E_TOO_BIG: { class: 'ask' },
  E_INVALID: { class: 'ask' },
  E_FORBIDDEN: { class: 'ask' },
  E_ID_CONFLICT: { class: 'ask' },
  E_NOT_FOUND: { class: 'ask' },
  E_SERVER_ERROR: { class: 'ask' },
  E_CREDENTIALS: { class: 'ask' },
  E_TAKEN: { class: 'ask' },

  E_DEVICE_LIMIT: { class: 'stop' },
  E_AUTH_INVALID: { class: 'stop' },
  E_DEVICE_REVOKED: { class: 'stop' },
  E_BANNED: { class: 'stop' },
  E_PROTO: { class: 'stop' },
} as const satisfies Record<string, { class: 'keepTrying' | 'ask' | 'stop' }>

export type Code = keyof typeof CODES
export type CodeOfClass<C extends (typeof CODES)[Code]['class']> = { [K in Code]: (typeof CODES)[K]['class'] extends C ? K : never }[Code]
/** Codes that make a message "Not sent". */
export type RefusalCode = CodeOfClass<'ask'>
/** Codes that end the connection until the person acts. */
export type StopCode = CodeOfClass<'stop'>

export function isCode(text: unknown): text is Code {
  return typeof text === 'string' && Object.hasOwn(CODES, text)
}

export const classOf = (code: Code): (typeof CODES)[Code]['class'] => CODES[code].class
export const isRefusal = (code: Code): code is RefusalCode => classOf(code) === 'ask'
export const isStop = (code: Code): code is StopCode => classOf(code) === 'stop'

/** Why the server is about to hang up. Sent before every disconnect, because a bare one says nothing. */
export const FAREWELLS = {
  DRAIN: { then: 'redial' },
  SLOW: { then: 'redial' },
  E_RATE: { then: 'redial' },
  AUTH_EXPIRED: { then: 'refresh' },
  REPLACED: { then: 'stop' },
  SIGNED_OUT: { then: 'stop' },
  DEVICE_REVOKED: { then: 'stop' },
  BANNED: { then: 'stop' },
  PROTO: { then: 'stop' },
} as const satisfies Record<string, { then: 'redial' | 'refresh' | 'stop' }>

export type FarewellCode = keyof typeof FAREWELLS
