import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Code } from '#protocol/codes.ts'
import { sentenceFor } from '#protocol/sentences.ts'
import type { Refusal } from '#protocol/reply.ts'
import type { HttpError } from '#protocol/session.ts'
import type { HttpContext } from './httpApp.ts'

/** Ends a request with a refusal from anywhere inside it. */
export class HttpRefused extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.code)
    this.refusal = refusal
  }
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
  E_DEVICE_LIMIT: 409,
  E_AUTH_INVALID: 401,
  E_DEVICE_REVOKED: 401,
  E_BANNED: 403,
  E_PROTO: 426,
}

/** A refusal as HTTP says it. */
export function say(c: HttpContext, refusal: Refusal, status: ContentfulStatusCode = STATUS[refusal.code]): Response {
  const { code, retryAfterMs } = refusal
  if (retryAfterMs !== undefined) c.header('Retry-After', String(Math.ceil(retryAfterMs / 1000)))
  const body: HttpError & { detail?: string } = {
    code,
    message: sentenceFor(code),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(refusal.detail !== undefined && { detail: refusal.detail }),
  }
  return c.json(body, status)
}

/** What a handler shared with the sockets answered. */
export function sayAnswer(c: HttpContext, answer: object | Refusal): Response {
  return isRefusal(answer) ? say(c, answer) : c.json(answer)
}

const isRefusal = (answer: object): answer is Refusal => 'ok' in answer && answer.ok === false
