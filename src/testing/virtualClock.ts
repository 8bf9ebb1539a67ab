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

type Timer = { at: number; order: number; run: (() => void) | undefined }

const isBefore = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.order < b.order)

/** @param between what must settle before time may move on */
export function virtualClock(start = 1_000_000, between: () => Promise<void> = settle): VirtualClock {
  let now = start
  let order = 0
  let live = 0
  /** A binary heap by time; cancelled timers stay in it without their `run` until their time comes. */
  const heap: Timer[] = []

  function push(timer: Timer): void {
    let at = heap.push(timer) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(timer, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = timer
  }

  function pop(): void {
    const last = heap.pop()!
    if (heap.length === 0) return
    let at = 0
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2]
      const child = right < heap.length && isBefore(heap[right]!, heap[left]!) ? right : left
      if (child >= heap.length || !isBefore(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
  }

  return {
    now: () => now,
    after: (ms, run) => {
      const timer: Timer = { at: now + Math.max(0, Math.ceil(ms)), order: order++, run }
      live++
      push(timer)
      return () => {
        if (timer.run) live--
        timer.run = undefined
      }
    },
    advance: async (ms) => {
      const end = now + ms
      await between()
      for (let next = heap[0]; next && next.at <= end; next = heap[0]) {
        pop()
        const { run } = next
        if (!run) continue
        next.run = undefined
        live--
        now = Math.max(now, next.at)
        run()
        await between()
      }
      now = end
    },
    set: (to) => {
      for (const timer of heap) timer.at += to - now
      now = to
    },
    pending: () => live,
  }
}
