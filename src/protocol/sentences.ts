import type { Code, FarewellCode } from './codes.ts'

/*
 * What codes say to a person. Apart from the codes, because a page needs them only when something was refused.
 */

const SENTENCES: Record<Code, string> = {
  E_TIMEOUT: 'No answer yet. It will be tried again.',
  E_BUSY: 'The server is busy. It will be tried again.',
  E_INTERNAL: 'The server had an error. It will be tried again.',
  E_STORAGE: 'The server could not store this just now. It will be tried again.',
  E_NO_SESSION: 'The connection was not ready. It will be tried again.',
  E_RATE: 'That was a lot at once. It will go out in a moment.',
  E_AUTH_EXPIRED: 'Your sign-in is being renewed.',
  E_NOT_MEMBER: 'You are no longer a member of this conversation.',
  E_TOO_BIG: 'This message is too long.',
  E_INVALID: 'The server could not read this.',
  E_FORBIDDEN: 'You are not allowed to do this.',
  E_ID_CONFLICT: 'Another message already has this identity. Copy the text and send it anew.',
  E_NOT_FOUND: 'This is no longer here.',
  E_SERVER_ERROR: 'Server error.',
  E_CREDENTIALS: 'Name and password don’t fit together.',
  E_TAKEN: 'Somebody has this name already. Choose another one.',
  E_DEVICE_LIMIT: 'You are signed in on five devices already. Sign one of them out to continue here.',
  E_AUTH_INVALID: 'Your session ended. Sign in again to continue.',
  E_DEVICE_REVOKED: 'This device was signed out.',
  E_BANNED: 'This account can no longer be used here.',
  E_PROTO: 'This page is out of date. Reload it to continue.',
}

const FAREWELL_SENTENCES: Record<FarewellCode, string> = {
  DRAIN: 'The server is restarting.',
  SLOW: 'This connection could not keep up.',
  E_RATE: 'Too much at once from this tab.',
  AUTH_EXPIRED: 'Your sign-in is being renewed.',
  REPLACED: 'This conversation is open in another place with the same tab identity.',
  SIGNED_OUT: 'You signed out.',
  DEVICE_REVOKED: 'This device was signed out.',
  BANNED: 'This account can no longer be used here.',
  PROTO: 'This page is out of date. Reload it to continue.',
}

export const sentenceFor = (code: Code): string => SENTENCES[code]
export const farewellSentence = (code: FarewellCode): string => FAREWELL_SENTENCES[code]
