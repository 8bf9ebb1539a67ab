import type { LogEvent, UnknownEvent } from '#protocol/log.ts'
import type { MemberRow } from '#server/storage/store.ts'

/**
 * The event as a member may see it. An edit of a message from before they joined keeps its place in the log, so that nothing seems
 * missing, but not its text.
 */
export function asSeenBy(member: Pick<MemberRow, 'visibleFrom'>, event: LogEvent | UnknownEvent): LogEvent | UnknownEvent {
  return 'seq' in event && event.seq <= member.visibleFrom ? withoutText(event) : event
}

export function withoutText(event: LogEvent): LogEvent {
  return event.kind === 'edit' ? { ...event, body: '' } : event
}
