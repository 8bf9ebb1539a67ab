import { isRefusal } from '#protocol/codes.ts'
import type { ConversationId } from '#protocol/ids.ts'
import type { Line } from './line.ts'
import type { Clock } from './ports.ts'
import type { Timing } from './timing.ts'

type Marks = { delivered: number; read: number }

/**
 * Tells the server how far this person got: `delivered` = stored on this device without a hole, `read` = seen. State, not events:
 * whatever is lost is told again, and going back is impossible.
 */
export function openMarks(parts: { clock: Clock; timing: Timing; request: Line['request']; isCurrent: (conv: ConversationId) => boolean }) {
  const { clock, timing } = parts
  const wanted = new Map<ConversationId, Marks>()
  const told = new Map<ConversationId, Marks>()
  const timers = new Map<ConversationId, () => void>()
  const underWay = new Set<ConversationId>()

  const at = (map: Map<ConversationId, Marks>, conv: ConversationId): Marks => map.get(conv) ?? { delivered: 0, read: 0 }
  const isOwed = (conv: ConversationId) => at(wanted, conv).delivered > at(told, conv).delivered || at(wanted, conv).read > at(told, conv).read

  function raise(map: Map<ConversationId, Marks>, conv: ConversationId, marks: Partial<Marks>): void {
    const held = at(map, conv)
    map.set(conv, { delivered: Math.max(held.delivered, marks.delivered ?? 0), read: Math.max(held.read, marks.read ?? 0) })
  }

  function tell(conv: ConversationId): void {
    if (timers.has(conv) || underWay.has(conv) || !isOwed(conv) || !parts.isCurrent(conv)) return
    underWay.add(conv)
    void parts.request('receipt:mark', { conv, ...at(wanted, conv) }).then((reply) => {
      underWay.delete(conv)
      if (reply.ok) raise(told, conv, reply)
      else if (isRefusal(reply.code)) return
      // The first goes at once, the next ones together; what was lost goes again.
      timers.set(
        conv,
        clock.after(timing.MARK_EVERY_MS, () => {
          timers.delete(conv)
          tell(conv)
        }),
      )
    })
  }

  return {
    /** The server knows this already. */
    known: (conv: ConversationId, marks: Marks) => raise(told, conv, marks),
    raise: (conv: ConversationId, marks: Partial<Marks>) => {
      raise(wanted, conv, marks)
      tell(conv)
    },
    tell,
    /** Another database on the server: what it was told and what it should be told are to be learnt anew. */
    restart: () => {
      wanted.clear()
      told.clear()
    },
    forget: (conv: ConversationId) => {
      wanted.delete(conv)
      told.delete(conv)
    },
    close: () => {
      for (const stop of timers.values()) stop()
      timers.clear()
    },
  }
}
