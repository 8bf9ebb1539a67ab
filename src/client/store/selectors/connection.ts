import { nameFor, type ConnectionName } from '#client/features/connection/connectionName.ts'
import type { ConnectionState } from '#client/features/connection/connectionSlice.ts'
import type { RootState } from '#client/store/reducer.ts'

/** What `bannerFor` and `nextChangeAt` take. */
export const selectConnection = (state: RootState): ConnectionState => state.connection
/** The value of `html[data-connection]`. */
export const selectConnectionName = (state: RootState): ConnectionName => nameFor(state.connection)
export const selectIsLive = (state: RootState): boolean => selectConnectionName(state) === 'live'
