import { refusal, type Refusal } from '#protocol/reply.ts'
import { Refused, StorageError } from '#server/storage/store.ts'
import type { Log } from '#server/observe/log.ts'

const BUSY_RETRY_MS = 500

/**
 * The answer to a request whose handler threw. Rules speak by `Refused`, storage by `StorageError`; anything else is our own mistake:
 * it is logged under an id which the asker gets too, and nothing else is said about it.
 */
export function refusalFor(error: unknown, asked: { name: string; user?: string | undefined }, parts: { log: Log; newId: () => string }): Refusal {
  if (error instanceof Refused) return refusal(error.code, error.detail === undefined ? {} : { detail: error.detail })
  if (error instanceof StorageError) {
    parts.log.warn({ event: 'storage_failed', asked: asked.name, reason: error.reason, error: String(error.cause) }, 'storage could not')
    return error.reason === 'busy' ? refusal('E_BUSY', { retryAfterMs: BUSY_RETRY_MS }) : refusal('E_STORAGE', { retryAfterMs: BUSY_RETRY_MS })
  }
  const correlation = parts.newId()
  const stack = error instanceof Error ? error.stack : String(error)
  parts.log.error({ event: 'handler_failed', asked: asked.name, user: asked.user, correlation, stack }, 'a handler failed')
  return refusal('E_INTERNAL', { detail: correlation })
}
