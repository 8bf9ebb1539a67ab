import type { ConnectionState } from './connectionSlice.ts'

/** The values of `html[data-connection]`. */
export type ConnectionName = 'idle' | 'connecting' | 'authenticating' | 'syncing' | 'live' | 'reconnecting' | 'offline' | 'refused' | 'signed-out'

/** The browser's "no network" wins at once, on any host, also while the line is still open; where nobody is, there is no line to lose. */
export function nameFor(connection: ConnectionState): ConnectionName {
  const { line, offlineSince } = connection
  if (offlineSince !== null && (line.name !== 'signedOut' || line.ended)) return 'offline'
  return line.name === 'signedOut' ? 'signed-out' : line.name
}

export type ChipWord = 'Connecting…' | 'Updating…' | 'Connected' | 'Reconnecting…' | 'Offline' | 'Signed out'

const CHIP: Record<ConnectionName, ChipWord> = {
  idle: 'Connecting…',
  connecting: 'Connecting…',
  authenticating: 'Connecting…',
  syncing: 'Updating…',
  live: 'Connected',
  reconnecting: 'Reconnecting…',
  offline: 'Offline',
  refused: 'Offline',
  'signed-out': 'Signed out',
}

/** The chip's word; changes at once, without any delay. */
export const chipFor = (name: ConnectionName): ChipWord => CHIP[name]
