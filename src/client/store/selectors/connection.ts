import { nameFor, type ConnectionName } from '#client/features/connection/connectionName.ts'
import type { RootState } from '#client/store/reducer.ts'

/** The value of `html[data-connection]`. */
export const selectConnectionName = (state: RootState): ConnectionName => nameFor(state.connection)
export const selectIsLive = (state: RootState): boolean => selectConnectionName(state) === 'live'

/** On the way to the server for the first time, or back: what only it can say may be known in a moment. */
export const selectIsComing = (state: RootState): boolean => COMING.includes(selectConnectionName(state))
const COMING: readonly ConnectionName[] = ['idle', 'connecting', 'authenticating', 'syncing']
