import type { ConversationId, DeviceId, SessionId, UserId } from '#protocol/ids.ts'
import type { Log } from './log.ts'

/** The stages of a connection, one line each: CONNECTED → AUTHENTICATED → ACTIVE → DISCONNECTING → DISCONNECTED, or REFUSED. */
export type Stage = 'CONNECTED' | 'AUTHENTICATED' | 'ACTIVE' | 'DISCONNECTING' | 'DISCONNECTED' | 'REFUSED' | 'STALE'

type Subject = {
  readonly socket: { readonly id: string }
  readonly who?: { user: UserId; session: SessionId; device: DeviceId }
}

/** One line of a connection's life. `more` holds facts, never message text or tokens. */
export function lifecycle(
  log: Log,
  subject: Subject,
  stage: Stage,
  more: Record<string, string | number | boolean | string[] | ConversationId[] | null> = {},
): void {
  const { who } = subject
  log.info(
    {
      event: EVENTS[stage],
      stage,
      socketId: subject.socket.id,
      ...(who && { userId: who.user, sessionId: who.session, deviceId: who.device }),
      ...more,
    },
    stage,
  )
}

const EVENTS: Record<Stage, string> = {
  CONNECTED: 'socket_connected',
  AUTHENTICATED: 'socket_authenticated',
  ACTIVE: 'socket_active',
  DISCONNECTING: 'socket_disconnecting',
  DISCONNECTED: 'socket_disconnected',
  REFUSED: 'socket_refused',
  STALE: 'socket_stale',
}
