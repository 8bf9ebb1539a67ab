import type { UserEvent } from '#protocol/sync.ts'
import type { Line } from './line.ts'

/** What happens to this person rather than to a conversation, numbered without a hole by `urev` and followed without one. */
export function openPersonLog(parts: { request: Line['request']; happened: (event: UserEvent) => void; moved: () => void }) {
  let urev = 0

  function happened(event: UserEvent, isUndone: boolean): void {
    urev = event.urev
    parts.moved()
    if (!isUndone) parts.happened(event)
  }

  async function follow(to: number): Promise<void> {
    const events: UserEvent[] = []
    for (let at = urev; at < to;) {
      const reply = await parts.request('sync:user', { from: at })
      if (!reply.ok) return
      events.push(...reply.events)
      // A purged log has nothing more to tell.
      at = reply.events.at(-1)?.urev ?? Math.max(to, reply.urev)
      if (reply.events.length === 0) to = at
    }
    for (const [at, event] of events.entries()) {
      // Removed and back again while nobody looked: nothing was lost.
      const isUndone = event.kind === 'conv.removed' && events.slice(at).some((later) => later.kind === 'conv.added' && later.conv === event.conv)
      if (event.urev > urev) happened(event, isUndone)
    }
    if (urev >= to) return
    urev = to
    parts.moved()
  }

  return {
    urev: () => urev,
    /** Everything up to here is known, or told by the conversations themselves. */
    stand: (at: number) => {
      urev = at
    },
    follow,
    pushed: (event: UserEvent): void => {
      if (event.urev === urev + 1) happened(event, false)
      else if (event.urev > urev) void follow(event.urev)
    },
  }
}
