import type { ClientId, ConversationId } from '#protocol/ids.ts'
import type { Channel, Clock, Locks } from './ports.ts'
import type { Timing } from './timing.ts'

/** What the tabs of one person in one browser tell each other. Hints only: everything they speak of is in the shared storage. */
export type TabMessage =
  | { kind: 'beat' }
  | { kind: 'outboxChanged' }
  | { kind: 'uploadsChanged' }
  | { kind: 'oldAllowed' }
  | { kind: 'discarded'; conv: ConversationId; clientId: ClientId }

export type Leadership = {
  /** This tab has a working line and may send for all. */
  ready: (can: boolean) => void
  leads: () => boolean
  close: () => void
}

/**
 * One tab sends the outbox of all: it holds a Web Lock and says so every `LEADER_BEAT_MS`. A frozen tab keeps its lock for ever
 * (measured in Chromium), so a tab that hears no beat for `LEADER_LOST_MS` takes the lock away.
 *
 * Nothing depends on there being exactly one: two tabs that send the same rows send the same ids in the same order.
 */
export function openLeadership(
  parts: { locks: Locks | undefined; channel: Channel<TabMessage> | undefined; clock: Clock; timing: Timing; name: string },
  on: { changed: (leads: boolean) => void },
): Leadership {
  const { locks, channel, clock, timing, name } = parts
  let state: 'out' | 'waiting' | 'leading' = 'out'
  let lastBeatAt = clock.now()
  let release = () => {}
  let stopTick = () => {}

  const listening = {
    taken: () => {
      state = 'leading'
      channel?.post({ kind: 'beat' })
      on.changed(true)
    },
    stolen: () => {
      state = 'out'
      on.changed(false)
      wait()
    },
  }

  function wait(): void {
    state = 'waiting'
    lastBeatAt = clock.now()
    // Who leads reads the rows of the others when they say so; who can't be told must not lead alone.
    if (locks && channel) release = locks.hold(name, listening)
    else listening.taken()
  }

  function tick(): void {
    stopTick = clock.after(timing.LEADER_BEAT_MS, tick)
    if (state === 'leading') channel?.post({ kind: 'beat' })
    else if (state === 'waiting' && locks && channel && Math.abs(clock.now() - lastBeatAt) > timing.LEADER_LOST_MS) {
      release()
      release = locks.steal(name, listening)
      lastBeatAt = clock.now()
    }
  }

  const stopListening = channel?.subscribe((message) => {
    if (message.kind === 'beat') lastBeatAt = clock.now()
  })

  return {
    ready: (can) => {
      if (can && state === 'out') {
        wait()
        tick()
      } else if (!can && state !== 'out') {
        state = 'out'
        stopTick()
        release()
        release = () => {}
        on.changed(false)
      }
    },
    leads: () => state === 'leading',
    close: () => {
      state = 'out'
      stopTick()
      stopListening?.()
      release()
    },
  }
}
