import type { ConversationId } from '#protocol/ids.ts'
import type { Notice } from '#server/domain/core.ts'
import { takePushes, unsubscribe, type Push } from '#server/domain/pushes.ts'
import type { Edge, LiveConnections } from './edge.ts'
import type { WebPush } from './webPush.ts'

export type Pusher = {
  /** To be told of everything that is committed. */
  heard: (notice: Notice) => void
  close: () => void
}

/** So many requests for one conversation are under way at once. */
const AT_ONCE = 20

/** Tells browsers of messages while no page of them is open: a little later than the message, because it may be read on another device meanwhile. */
export function openPusher(
  { core, timing, after, log }: Pick<Edge, 'core' | 'timing' | 'after' | 'log'>,
  webPush: Pick<WebPush, 'send'>,
  { isConnected }: Pick<LiveConnections, 'isConnected'>,
): Pusher {
  const waiting = new Map<ConversationId | Push, () => void>()

  const failed = (error: unknown): void => log.warn({ event: 'push_failed', error: String(error) }, 'a push could not be made')

  const soon = (what: ConversationId | Push, ms: number, run: () => Promise<void>): void => {
    if (waiting.has(what)) return
    const cancel = after(ms, () => {
      waiting.delete(what)
      run().catch(failed)
    })
    waiting.set(what, cancel)
  }

  const pushAll = async (conv: ConversationId): Promise<void> => {
    const pushes = (await takePushes(core, conv, isConnected)).values()
    const sender = async () => {
      for (const push of pushes) await tryToSend(push, 1).catch(failed)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, sender))
  }

  const tryToSend = async (push: Push, attempt: number): Promise<void> => {
    const outcome = await webPush.send(push.to, push.news)
    if (outcome === 'gone') await unsubscribe(core, push.to.session, push.to.endpoint)
    else if (outcome === 'later' && attempt < timing.PUSH_ATTEMPTS)
      soon(push, timing.PUSH_AFTER_MS * 4 ** attempt, () => tryToSend(push, attempt + 1))
    else if (outcome === 'later') log.warn({ event: 'push_given_up', host: new URL(push.to.endpoint).host }, 'a push service did not take a push')
  }

  return {
    heard(notice) {
      if (notice.kind !== 'log' || !notice.events.some(({ kind }) => kind === 'new')) return
      soon(notice.conv, timing.PUSH_AFTER_MS, () => pushAll(notice.conv))
    },
    close() {
      for (const cancel of waiting.values()) cancel()
      waiting.clear()
    },
  }
}
