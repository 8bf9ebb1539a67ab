import * as z from 'zod/mini'
import { Profile } from './conversation.ts'
import { DeviceId, Millis, SessionId, TabId } from './ids.ts'

/** What a person may do; checked by the server on every event and route. */
export const Permission = z.enum(['message:send', 'group:create', 'invite:create'])
export type Permission = z.infer<typeof Permission>

export const Me = z.object({ ...Profile.shape, permissions: z.array(Permission) })
export type Me = z.infer<typeof Me>

/** Answer of `POST /api/session/guest` and `/refresh`. The refresh token travels in an httpOnly cookie and is never seen here. */
export const SessionAnswer = z.object({
  accessToken: z.string(),
  expiresInMs: z.number(),
  user: Me,
  sessionId: SessionId,
})
export type SessionAnswer = z.infer<typeof SessionAnswer>

/** Answer of `POST /api/session/refresh` for a browser that has no session at all: no error, there is simply nobody. */
export const NobodyAnswer = z.object({ user: z.null() })

/** `socket.handshake.auth`. */
export const Handshake = z.object({
  proto: z.tuple([z.int(), z.int()]),
  token: z.string(),
  deviceId: DeviceId,
  tabId: TabId,
  /** Number of this connection attempt in this tab, from 1. */
  gen: z.int(),
  /** When this attempt began, by the client's clock: one that was held up on the way must not take the place of a later one. */
  dialledAt: z.optional(Millis),
  /** Identity of the client's build. */
  build: z.string(),
})
export type Handshake = z.infer<typeof Handshake>

/** Body of every error over HTTP. */
export const HttpError = z.object({ code: z.string(), message: z.string(), retryAfterMs: z.optional(z.number()) })
export type HttpError = z.infer<typeof HttpError>
