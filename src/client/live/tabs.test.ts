import { describe, expect, it } from 'vitest'
import { simulatedChannel, simulatedLocks } from '#testing/browserParts.ts'
import { virtualClock } from '#testing/virtualClock.ts'
import { openLeadership, type TabMessage } from './tabs.ts'
import { TIMING } from './timing.ts'

/** A tab that waits behind another one, which holds the lock. */
function waiting() {
  const clock = virtualClock(10_000_000)
  const openChannel = simulatedChannel<TabMessage>()
  const leader = openChannel()
  let stolen = 0
  const locks = { hold: () => () => {}, steal: () => (stolen++, () => {}) }
  const leadership = openLeadership({ locks, channel: openChannel(), clock, timing: TIMING, name: 'outbox' }, { changed: () => {} })
  leadership.ready(true)
  return { clock, beat: () => leader.post({ kind: 'beat' }), stolen: () => stolen, leadership }
}

describe('a tab whose lead is stolen while it is frozen', () => {
  it('stops at once when it wakes, says so, and waits for its turn', async () => {
    const clock = virtualClock(10_000_000)
    const locks = simulatedLocks()
    const changes: boolean[] = []
    const channel = simulatedChannel<TabMessage>()
    const leadership = openLeadership(
      { locks, channel: channel(), clock, timing: TIMING, name: 'outbox' },
      { changed: (leads) => changes.push(leads) },
    )
    leadership.ready(true)
    await clock.advance(1)
    expect(leadership.leads()).toBe(true)

    const release = locks.steal('outbox', { taken: () => {}, stolen: () => {} })
    await clock.advance(1)
    expect(leadership.leads()).toBe(false)
    expect(changes).toEqual([true, false])

    release()
    await clock.advance(1)
    expect(leadership.leads()).toBe(true)
    expect(changes).toEqual([true, false, true])
    leadership.close()
  })
})

describe('a tab that leads', () => {
  it('keeps the lead while it says that it is there, and loses it when it is silent', async () => {
    const { clock, beat, stolen, leadership } = waiting()
    for (let ms = 0; ms < 20_000; ms += TIMING.LEADER_BEAT_MS) {
      await clock.advance(TIMING.LEADER_BEAT_MS)
      beat()
    }
    expect(stolen()).toBe(0)
    await clock.advance(TIMING.LEADER_LOST_MS + TIMING.LEADER_BEAT_MS)
    expect(stolen()).toBeGreaterThan(0)
    leadership.close()
  })

  it('is replaced when it is silent, though the clock was set back', async () => {
    const { clock, stolen, leadership } = waiting()
    clock.set(clock.now() - 3_600_000)
    await clock.advance(TIMING.LEADER_LOST_MS + TIMING.LEADER_BEAT_MS)
    expect(stolen()).toBeGreaterThan(0)
    leadership.close()
  })
})
