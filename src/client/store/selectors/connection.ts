import { nameFor, type ConnectionName } from '#client/features/connection/connectionName.ts'
import type { RootState } from '#client/store/reducer.ts'

/** The value of `html[data-connection]`. */
export const selectConnectionName = (state: RootState): ConnectionName => nameFor(state.connection)
export const selectIsLive = (state: RootState): boolean => selectConnectionName(state) === 'live'
