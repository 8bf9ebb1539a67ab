import { t } from '#client/words/t.ts'
import type { ConnectionState } from './connectionSlice.ts'

/** The values of `html[data-connection]`. */
export type ConnectionName = 'idle' | 'connecting' | 'authenticating' | 'syncing' | 'live' | 'reconnecting' | 'offline' | 'refused' | 'signed-out'

/** The browser's "no network" wins at once, on any host, also while the line is still open; where nobody is, there is no line to lose. */
export function nameFor(connection: ConnectionState): ConnectionName {
  const { line, offlineSince } = connection
  if (offlineSince !== null && (line.name !== 'signedOut' || line.ended)) return 'offline'
  return line.name === 'signedOut' ? 'signed-out' : line.name
}

/** The chip's word; changes at once, without any delay. */
export function chipFor(name: ConnectionName): string {
  switch (name) {
    case 'syncing':
      return t('Updating…')
    case 'live':
      return t('Connected')
    case 'reconnecting':
      return t('Reconnecting…')
    case 'offline':
    case 'refused':
      return t('Offline')
    case 'signed-out':
      return t('Signed out')
    default:
      return t('Connecting…')
  }
}
