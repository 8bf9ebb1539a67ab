import { describe, expect, it } from 'vitest'
import { ben, conv, heard, otherConv, says } from '#testing/clientBuilders.ts'
import { memoryStorage } from '#testing/memoryStorage.ts'
import { headAt, helloAnswer, resetTo, startScripted } from '#testing/scriptedEngine.ts'
import { messagesArrived } from './facts.ts'
import { TIMING } from './timing.ts'

async function live() {
  const storage = memoryStorage()
  let appends = 0
  const it = await startScripted(
    {
      hello: () => helloAnswer({ heads: { [conv]: headAt(0), [otherConv]: headAt(0, otherConv) } }),
      'sync:pull': ({ conv: which }) => ({ ok: true, reset: { ...resetTo([], 0), facts: headAt(0, which).facts } }),
    },
    {
      storage: {
        ...storage,
        append: (batch) => {
          appends++
          return storage.append(batch)
        },
      },
    },
  )
  await it.clock.advance(100)
  const push = (seq: number, where = conv) =>
    it.network.last().events.pushed('log:events', { conv: where, events: [heard(says(seq, ben, { conv: where }))] })
  const shown = () => it.emitted.filter(messagesArrived.match).map(({ payload }) => payload.events.map(({ rev }) => rev))
  return { ...it, push, shown, appends: () => appends }
}

describe('a push', () => {
  it('that comes alone is shown at once', async () => {
    const { push, shown, clock } = await live()
    push(1)
    expect(shown()).toEqual([[1]])
    await clock.advance(TIMING.FRAME_MS)
    push(2)
    expect(shown()).toEqual([[1], [2]])
  })

  it('of a burst is shown with the others of its frame, in order, in one piece for each conversation, and kept in one transaction', async () => {
    const { push, shown, clock, appends } = await live()
    for (let seq = 1; seq <= 500; seq++) push(seq)
    push(1, otherConv)
    expect(shown()).toEqual([[1]])
    await clock.advance(TIMING.FRAME_MS)
    expect(shown()).toEqual([[1], Array.from({ length: 499 }, (_, at) => at + 2), [1]])
    for (let seq = 501; seq <= 600; seq++) push(seq)
    await clock.advance(TIMING.FRAME_MS)
    expect(shown()).toHaveLength(4)
    await clock.advance(100)
    expect(appends()).toBe(4)
  })

  it('is not overtaken by the word how far the log reaches: nothing is asked for that is here already', async () => {
    const { push, of, clock, network } = await live()
    const before = of('sync:pull').length
    for (let seq = 1; seq <= 5; seq++) push(seq)
    network.last().events.pushed('log:head', { conv, rev: 5, h: '0000000000000000' })
    await clock.advance(100)
    expect(of('sync:pull')).toHaveLength(before)
  })
})
