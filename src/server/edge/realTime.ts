import type { After } from './edge.ts'

/** `After` on the machine's own clock. */
export const afterRealTime: After = (ms, run) => {
  const timer = setTimeout(run, ms).unref()
  return () => clearTimeout(timer)
}
