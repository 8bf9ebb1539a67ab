import type { ConversationId } from '#protocol/ids.ts'
import type { Notice } from '#server/domain/core.ts'
import type { After } from '#server/edge/edge.ts'
import { every } from '#server/edge/every.ts'
import type { Store } from '#server/storage/store.ts'
import type { Bus } from './bus.ts'

export type FanOutParts = {
  store: Store
  now: () => number
  after: After
  /** Chance in [0, 1). */
  random: () => number
  /** Tells the connections of this node. */
  tell: (notice: Notice) => void
  bus: Bus
  timing: { HEAD_POLL_MS: number; HEAD_POLL_WINDOW_MS: number }
  failed: (error: unknown) => void
}

export type FanOut = {
  /** Committed on this node: told here at once, and to the other nodes. */
  publish: (notice: Notice) => void
  close: () => void
}

/**
 * Brings what any node committed to the connections of this one. Because a bus loses messages, the database is asked every two seconds
 * which conversations changed; connections that were not told are told to look.
 */
export function openFanOut({ store, now, after, random, tell, bus, timing, failed }: FanOutParts): FanOut {
  /** The highest rev told here, of conversations that changed within the window. */
  let told = new Map<ConversationId, number>()

  /** When the last question that was answered was asked. */
  let lastAnswerOf = now()

  function deliver(notice: Notice): void {
    if (notice.kind === 'log') {
      const { rev } = notice.events.at(-1)!
      // What lies between may never come; then the next poll finds it.
      const isNext = notice.events[0]!.rev <= (told.get(notice.conv) ?? 0) + 1 || !told.has(notice.conv)
      if (isNext) told.set(notice.conv, Math.max(rev, told.get(notice.conv) ?? 0))
    }
    tell(notice)
  }

  async function poll(): Promise<void> {
    const askedAt = now()
    // As far back as the last time there was an answer: nobody knows what was missed since.
    const since = Math.min(lastAnswerOf, askedAt) - timing.HEAD_POLL_WINDOW_MS
    const behind = await store.read(async (tx) => {
      const changed = await tx.headsChangedSince(since)
      const recent = new Map<ConversationId, number>()
      const notices: Notice[] = []
      for (const { conv, rev, h } of changed) {
        recent.set(conv, Math.max(rev, told.get(conv) ?? 0))
        if (rev > (told.get(conv) ?? 0)) notices.push({ kind: 'head', conv, rev, h, recipients: await tx.memberIds(conv) })
      }
      told = recent
      return notices
    })
    lastAnswerOf = askedAt
    behind.forEach(tell)
  }

  const stopPoll = every(
    after,
    () => timing.HEAD_POLL_MS * (0.8 + 0.4 * random()),
    () => void poll().catch(failed),
  )
  const stopListening = bus.subscribe(deliver)

  return {
    publish: (notice) => {
      deliver(notice)
      bus.publish(notice)
    },
    close: () => {
      stopPoll()
      stopListening()
    },
  }
}
