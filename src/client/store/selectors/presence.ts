import { selectIsLive } from '#client/features/connection/connectionName.ts'
import type { RootState } from '#client/store/makeStore.ts'
import type { UserId } from '#protocol/ids.ts'
import type { Presence } from '#protocol/presence.ts'

/** `data-presence`, and when they were last here if that is known. */
export type ShownPresence = { state: Presence['state'] | 'unknown'; lastSeen: number | null }

const UNKNOWN: ShownPresence = { state: 'unknown', lastSeen: null }

/** Nobody's presence is known while we are not live ourselves. */
export const selectPresence = (state: RootState, user: UserId): ShownPresence => (selectIsLive(state) ? state.presence.known[user] : undefined) ?? UNKNOWN
