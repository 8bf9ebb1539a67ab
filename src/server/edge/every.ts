import type { After } from './edge.ts'

/** Runs `run` again and again, `ms` after the last time, which may be another pause each time. Returns its end. */
export function every(after: After, ms: number | (() => number), run: () => void): () => void {
  const pause = () => (typeof ms === 'number' ? ms : ms())
  let stop = after(pause(), tick)
  function tick(): void {
    stop = after(pause(), tick)
    run()
  }
  return () => stop()
}
