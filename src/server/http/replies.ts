import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Device } from '#protocol/device.ts'
import type { Code } from '#protocol/codes.ts'
import { sentenceFor } from '#protocol/sentences.ts'
import { refusal, type Refusal } from '#protocol/reply.ts'
import type { HttpError } from '#protocol/session.ts'
import type { Passwords } from '#server/edge/passwords.ts'
import type { HttpContext } from './httpApp.ts'

/** Ends a request with a refusal from anywhere inside it. */
export class HttpRefused extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.code)
    this.refusal = refusal
  }
}

const HASHING_RETRY_MS = 2_000

/** Ends the request of somebody who asks too often. */
export function demandPatience(waitMs: number): void {
  if (waitMs > 0) throw new HttpRefused(refusal('E_RATE', { retryAfterMs: waitMs }))
}

/** Ends the request where too many passwords are being hashed: that takes long, and strangers may ask for it. */
export function demandHands(passwords: Passwords): void {
  if (passwords.isBusy()) throw new HttpRefused(refusal('E_BUSY', { retryAfterMs: HASHING_RETRY_MS }))
}

const STATUS: Record<Code, ContentfulStatusCode> = {
  E_TIMEOUT: 504,
  E_BUSY: 503,
  E_INTERNAL: 500,
  E_STORAGE: 503,
  E_NO_SESSION: 401,
  E_RATE: 429,
  E_AUTH_EXPIRED: 401,
  E_NOT_MEMBER: 403,
  E_TOO_BIG: 413,
  E_INVALID: 400,
  E_FORBIDDEN: 403,
  E_ID_CONFLICT: 409,
  E_NOT_FOUND: 404,
  E_SERVER_ERROR: 500,
  E_CREDENTIALS: 403,
  E_TAKEN: 409,
  E_DEVICE_LIMIT: 409,
  E_AUTH_INVALID: 401,
  E_DEVICE_REVOKED: 401,
  E_BANNED: 403,
  E_PROTO: 426,
}

/** A refusal as HTTP says it. */
export function say(
  c: HttpContext,
  refused: Refusal,
  { status = STATUS[refused.code], devices }: { status?: ContentfulStatusCode; devices?: Device[] } = {},
): Response {
  const { code, retryAfterMs, detail } = refused
  c.set('refusedWith', code)
  if (retryAfterMs !== undefined) c.header('Retry-After', String(Math.ceil(retryAfterMs / 1000)))
  const body: HttpError & { detail?: string } = {
    code,
    message: sentenceFor(code),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(detail !== undefined && { detail }),
    ...(devices !== undefined && { devices }),
  }
  return c.json(body, status)
}

/** What a handler shared with the sockets answered. */
export function sayAnswer(c: HttpContext, answer: object | Refusal): Response {
  return isRefusal(answer) ? say(c, answer) : c.json(answer)
}

const isRefusal = (answer: object): answer is Refusal => 'ok' in answer && answer.ok === false
