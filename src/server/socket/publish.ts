import type { UserId } from '#protocol/ids.ts'
import { Permission } from '#protocol/session.ts'
import { withoutText } from '#server/domain/asSeenBy.ts'
import type { Notice } from '#server/domain/core.ts'
import { userRoom, viewRoom } from './live.ts'
import type { SocketEdge } from './socketEdge.ts'

/**
 * Tells the connections of this process what was committed. Whom to tell comes from the commit itself, not from any room that would
 * have to be kept in step with it: somebody removed hears nothing after their leave, whatever their sockets still have open.
 * Each frame is encoded once, however many people get it.
 */
export function publishLocally(edge: SocketEdge, notice: Notice): void {
  switch (notice.kind) {
    case 'log':
      toUsers(edge, notice.recipients)?.emit('log:events', { conv: notice.conv, events: notice.events })
      if (notice.unseeing) toUsers(edge, notice.unseeing)?.emit('log:events', { conv: notice.conv, events: notice.events.map(withoutText) })
      for (const event of notice.events) {
        if (event.kind !== 'leave' || !('person' in event)) continue
        const { id } = event.person
        edge.io.in(userRoom(id)).socketsLeave(viewRoom(notice.conv))
        reviewWatchers(edge, id)
      }
      return
    case 'parted':
      for (const user of notice.users) {
        if (notice.conv !== undefined) edge.io.in(userRoom(user)).socketsLeave(viewRoom(notice.conv))
        reviewWatchers(edge, user)
      }
      return
    case 'receipt': {
      const { conv, user, delivered, read, marksRev } = notice
      toUsers(edge, notice.recipients)?.emit('receipt:changed', { conv, user, delivered, read, marksRev })
      return
    }
    case 'head':
      toUsers(edge, notice.recipients)?.emit('log:head', { conv: notice.conv, rev: notice.rev, h: notice.h })
      return
    case 'user':
      if (notice.event.kind === 'profile') {
        for (const live of edge.connections.ofUser(notice.user)) {
          live.name = notice.event.name
          if (notice.event.isGuest === false) live.who = { ...live.who, permissions: Permission.options }
        }
      }
      toUsers(edge, [notice.user])?.emit('user:event', notice.event)
      return
  }
}

/** Who may see when this person is here may be others now. */
function reviewWatchers(edge: SocketEdge, user: UserId): void {
  edge.presence
    .membershipChanged(user)
    .catch((error: unknown) => edge.log.warn({ event: 'presence_failed', error: String(error) }, 'watchers could not be reviewed'))
}

/** Nobody is not everybody: the library takes an empty list of rooms for all sockets. */
function toUsers(edge: SocketEdge, users: readonly UserId[]) {
  const present = users.filter((user) => edge.connections.ofUser(user).size > 0)
  return present.length > 0 ? edge.io.local.to(present.map(userRoom)) : undefined
}
