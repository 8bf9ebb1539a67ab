import { expect, it } from 'vitest'
import { watchLoop } from './loopLag.ts'

/** A loop that is told how late it comes to the next timer. */
function openLoop() {
  let now = 5_000
  let due: { at: number; run: () => void } | undefined
  const after = (ms: number, run: () => void) => {
    due = { at: now + ms, run }
    return () => (due = undefined)
  }
  return {
    after,
    monotonic: () => now,
    /** Stands still until `lateMs` after what is due next. */
    stall: (lateMs: number) => void (now = (due?.at ?? now) + lateMs),
    turn: () => due?.run(),
    isIdle: () => due === undefined,
  }
}

it('the loop is as late as its last look was, and late already when one is overdue', () => {
  const loop = openLoop()
  const lag = watchLoop({ ...loop, everyMs: 500 })
  expect(lag.ms()).toBe(0)
  loop.stall(0)
  loop.turn()
  expect(lag.ms()).toBe(0)

  loop.stall(9_500)
  expect(lag.ms(), 'asked before the look').toBe(9_500)
  loop.turn()
  expect(lag.ms(), 'asked after it').toBe(9_500)

  loop.stall(1_200)
  loop.turn()
  expect(lag.ms(), 'a loop that is busy all the time').toBe(1_200)

  loop.stall(3)
  loop.turn()
  expect(lag.ms(), 'recovered').toBe(3)
  lag.close()
  expect(loop.isIdle()).toBe(true)
})
