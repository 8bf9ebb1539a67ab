import type { Notice } from '#server/domain/core.ts'

/**
 * Carries what was committed on one node to the others. Best effort: it may lose, double, delay and reorder. What it loses is found by
 * the head poller and by the exchange of heads; nothing else depends on it.
 */
export type Bus = {
  publish: (notice: Notice) => void
  /** What other nodes published. Returns the end of listening. */
  subscribe: (listener: (notice: Notice) => void) => () => void
}
