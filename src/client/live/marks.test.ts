import { describe, expect, it } from 'vitest'
import type { ConversationId } from '#protocol/ids.ts'
import { refusal } from '#protocol/reply.ts'
import { virtualClock } from '#testing/virtualClock.ts'
import { openMarks } from './marks.ts'
import { TIMING } from './timing.ts'

const conv = 'c1' as ConversationId

/** @param answer what the server says, `ms` after it was told */
function world(ms: number, answer: (marks: { delivered: number; read: number }) => object = (marks) => ({ ok: true, ...marks })) {
  const clock = virtualClock()
  const told: { delivered: number; read: number }[] = []
  const marks = openMarks({
    clock,
    timing: TIMING,
    isCurrent: () => true,
    request: ((_: string, payload: { delivered: number; read: number }) => {
      told.push(payload)
      return new Promise((resolve) => void clock.after(ms, () => resolve(answer(payload))))
    }) as never,
  })
  return { clock, told, marks }
}

describe('how far a person got', () => {
  it('is told at once, and then at most once a second', async () => {
    const { clock, told, marks } = world(10)
    for (let seq = 1; seq <= 30; seq++) {
      marks.raise(conv, { delivered: seq })
      await clock.advance(100)
    }
    await clock.advance(2_000)
    expect(told.length).toBeLessThanOrEqual(5)
    expect(told.at(-1)).toMatchObject({ delivered: 30 })
  })

  it('is told also where answers take longer than a second', async () => {
    const { clock, told, marks } = world(1_500)
    marks.raise(conv, { delivered: 1 })
    await clock.advance(500)
    marks.raise(conv, { delivered: 2, read: 2 })
    await clock.advance(10_000)
    expect(told.at(-1)).toMatchObject({ delivered: 2, read: 2 })
    expect(told).toHaveLength(2)
  })

  it('is told again when nobody knows whether it was heard, and not again when it was refused', async () => {
    const lost = world(8_000, () => refusal('E_TIMEOUT'))
    lost.marks.raise(conv, { delivered: 1 })
    await lost.clock.advance(60_000)
    expect(lost.told.length).toBeGreaterThan(3)

    const refused = world(10, () => refusal('E_FORBIDDEN'))
    refused.marks.raise(conv, { delivered: 1 })
    await refused.clock.advance(60_000)
    expect(refused.told).toHaveLength(1)
  })
})
