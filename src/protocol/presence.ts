import * as z from 'zod/mini'
import { Millis, UserId } from './ids.ts'

/** `unknown` exists only on our own screen, while we are not live. */
export const PresenceState = z.enum(['online', 'away', 'offline'])
export type PresenceState = z.infer<typeof PresenceState>

export const Presence = z.object({ user: UserId, state: PresenceState, /** null: never seen. */ lastSeen: z.nullable(Millis) })
export type Presence = z.infer<typeof Presence>

/** A typing signal holds this long without another one; the sender repeats it at most every `TYPING_EVERY_MS`. */
export const TYPING_HOLDS_MS = 6_000
export const TYPING_EVERY_MS = 3_000
