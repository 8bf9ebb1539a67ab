import type { ConversationId } from '#protocol/ids.ts'
import type { LogEvent, UnknownEvent } from '#protocol/log.ts'
import type { Clock } from './ports.ts'
import type { Timing } from './timing.ts'

/**
 * Thousands of pushes a second become one piece per conversation and frame, for the screen and for the storage. What comes alone is passed on
 * at once, and so is everything in a page that nobody looks at: its timers may come a minute late.
 */
export function openBurst({
  clock,
  timing,
  isWatched,
  take,
}: {
  clock: Clock
  timing: Timing
  isWatched: () => boolean
  take: (conv: ConversationId, events: (LogEvent | UnknownEvent)[]) => void
}) {
  const waiting = new Map<ConversationId, (LogEvent | UnknownEvent)[]>()
  let stopFrame: (() => void) | undefined

  function nextFrame(): void {
    stopFrame = clock.after(timing.FRAME_MS, () => {
      stopFrame = undefined
      if (waiting.size > 0) flush()
    })
  }

  function flush(): void {
    if (waiting.size === 0) return
    const all = [...waiting]
    waiting.clear()
    if (!stopFrame) nextFrame()
    for (const [conv, events] of all) take(conv, events)
  }

  return {
    arrived: (conv: ConversationId, events: (LogEvent | UnknownEvent)[]): void => {
      const before = waiting.get(conv)
      if (before) before.push(...events)
      else waiting.set(conv, [...events])
      if (!stopFrame || !isWatched()) flush()
    },
    /** What is to be done next builds on all that came. */
    flush,
    /** The line is gone: what was not passed on comes with the next catch-up. */
    drop: () => {
      waiting.clear()
      stopFrame?.()
      stopFrame = undefined
    },
  }
}
