import type { Clock } from '#client/live/ports.ts'

/**
 * Time that moves only when told to. `advance` runs every timer in its order and lets promises settle in between, so that code behind
 * the clock port behaves as it would in real time, only at once.
 */
export type VirtualClock = Clock & {
  advance: (ms: number) => Promise<void>
  /** Somebody sets the clock; timers that run are not moved by it. */
  set: (to: number) => void
  /** Timers that are set. A closed engine has none. */
  pending: () => number
}

/** Enough microtask turns for the longest promise chain between two timers. */
export async function settle(turns = 60): Promise<void> {
  for (let i = 0; i < turns; i++) await Promise.resolve()
}

/** @param between what must settle before time may move on */
export function virtualClock(start = 1_000_000, between: () => Promise<void> = settle): VirtualClock {
  let now = start
  let order = 0
  const timers = new Map<number, { at: number; run: () => void }>()

  return {
    now: () => now,
    after: (ms, run) => {
      const id = order++
      timers.set(id, { at: now + Math.max(0, Math.ceil(ms)), run })
      return () => void timers.delete(id)
    },
    advance: async (ms) => {
      const end = now + ms
      await between()
      for (;;) {
        const [id, next] = [...timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at || a[0] - b[0])[0] ?? []
        if (id === undefined || !next) break
        timers.delete(id)
        now = Math.max(now, next.at)
        next.run()
        await between()
      }
      now = end
    },
    set: (to) => {
      for (const timer of timers.values()) timer.at += to - now
      now = to
    },
    pending: () => timers.size,
  }
}
