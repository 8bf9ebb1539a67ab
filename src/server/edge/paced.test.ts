import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { paced } from './paced.ts'
import { afterRealTime } from './realTime.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('the first call goes at once, a rush behind it goes together, and a failure is its own', async () => {
  const started: number[] = []
  const call = paced(
    async (n: number) => {
      started.push(n)
      if (n === 3) throw new Error('three')
      return n * 2
    },
    afterRealTime,
    20,
  )
  const answers = [1, 2, 3, 4].map((n) => call(n).catch((error: Error) => error.message))
  await vi.advanceTimersByTimeAsync(0)
  expect(started).toEqual([1])
  await vi.advanceTimersByTimeAsync(19)
  expect(started).toEqual([1])
  await vi.advanceTimersByTimeAsync(1)
  expect(started).toEqual([1, 2, 3, 4])
  expect(await Promise.all(answers)).toEqual([2, 4, 'three', 8])
  await vi.advanceTimersByTimeAsync(20)
  void call(5)
  await vi.advanceTimersByTimeAsync(0)
  expect(started.at(-1)).toBe(5)
})
