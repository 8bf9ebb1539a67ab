import type { LogEvent, UnknownEvent } from '#protocol/log.ts'
import type { MemberRow, StoredEvent } from '#server/storage/store.ts'

/**
 * The event as a member may see it. What happens to a message from before they joined keeps its place in the log, so that nothing
 * seems missing, but not what it says: an edit would carry the text.
 */
export function asSeenBy(member: Pick<MemberRow, 'visibleFrom'>, { event, seq }: StoredEvent): LogEvent | UnknownEvent {
  return seq !== null && seq <= member.visibleFrom ? hidden(event) : event
}

export const hidden = ({ conv, rev, h }: LogEvent | UnknownEvent): UnknownEvent => ({ conv, rev, h, kind: 'hidden' })
