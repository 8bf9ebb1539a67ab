import type { SessionState } from '#client/features/session/sessionSlice.ts'
import type { RootState } from '#client/store/reducer.ts'
import type { UserId } from '#protocol/ids.ts'
import type { Me } from '#protocol/session.ts'

export const selectSession = (state: RootState): SessionState => state.session
/** The signed-in person, or null on the welcome page and while booting. */
export const selectMe = (state: RootState): Me | null => (state.session.name === 'signedIn' ? state.session.user : null)
export const selectMyId = (state: RootState): UserId | null => selectMe(state)?.id ?? null
