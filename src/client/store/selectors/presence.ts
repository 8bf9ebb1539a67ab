import type { Typist } from '#client/features/presence/presenceSlice.ts'
import type { RootState } from '#client/store/reducer.ts'
import { selectIsLive } from './connection.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import type { Presence } from '#protocol/presence.ts'

/** `data-presence`, and when they were last here if that is known. */
export type ShownPresence = { state: Presence['state'] | 'unknown'; lastSeen: number | null }

const UNKNOWN: ShownPresence = { state: 'unknown', lastSeen: null }

/** Nobody's presence is known while we are not live ourselves. */
export const selectPresenceOf = (state: RootState, user: UserId): ShownPresence =>
  (selectIsLive(state) ? state.presence.known[user] : undefined) ?? UNKNOWN

const NOBODY: Typist[] = []
/** Everybody heard typing there, some of them perhaps long ago: pass it through `typingNow`. */
export const selectTypists = (state: RootState, conv: ConversationId): Typist[] => state.presence.typing[conv] ?? NOBODY
