import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { SessionId } from '#protocol/ids.ts'

/** Makes refresh tokens, and knows its own again also when the database does not. */
export type RefreshTokens = {
  make: (session: SessionId) => string
  /** The session it was made for; undefined when nobody here made it. Whether it is still good is not said by that. */
  sessionOf: (token: string) => SessionId | undefined
}

const CHANCE_BYTES = 32

/**
 * Each is chance, the session it is for, and a signature: `CHANCE.SESSION.SIGNATURE`. Of good tokens the database knows the hash; the signature
 * is for a database that was restored from a backup and has seen none of those that were handed out since.
 */
export function makeRefreshTokens(secret: string): RefreshTokens {
  // a key for this alone: what is signed with the secret itself is an access token
  const key = createHmac('sha256', secret).update('refresh tokens').digest()
  const signatureOf = (text: string): Buffer => createHmac('sha256', key).update(text).digest()
  return {
    make: (session) => {
      const text = `${randomBytes(CHANCE_BYTES).toString('base64url')}.${session}`
      return `${text}.${signatureOf(text).toString('base64url')}`
    },
    sessionOf: (token) => {
      const [chance, session, signature, ...more] = token.split('.')
      if (session === undefined || signature === undefined || more.length > 0) return undefined
      const [given, right] = [Buffer.from(signature, 'base64url'), signatureOf(`${chance}.${session}`)]
      return given.length === right.length && timingSafeEqual(given, right) ? (session as SessionId) : undefined
    },
  }
}
