import type { ConversationId, SessionId, UserId } from '#protocol/ids.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { PushedNews, PushRequest } from '#protocol/push.ts'
import type { PushRow } from '#server/storage/store.ts'
import type { Core, Identity } from './core.ts'
import { write } from './write.ts'

/** From now on the asking browser is told of what comes while no page of it is open. It stands for its session: what it was told before is forgotten. */
export async function subscribe(core: Core, who: Identity, { endpoint, keys }: PushRequest): Promise<void> {
  await write(core, (tx) => tx.putPush({ session: who.session, user: who.user, endpoint, ...keys }))
}

/** Harmless where it never was. `endpoint`: only if that is still where it is. */
export async function unsubscribe(core: Core, session: SessionId, endpoint?: string): Promise<void> {
  await write(core, (tx) => tx.deletePush(session, endpoint))
}

export type Push = { to: PushRow; news: PushedNews }

/** More of a message is not shown anywhere outside the app; and a push may take 4096 bytes at most, encrypted. */
const BODY_MAX_CHARS = 300
const HALF_SIGN = /[\uD800-\uDBFF]$/

/**
 * What browsers are owed of a conversation, and settles it: whatever is answered here is answered once, however many nodes ask. Nobody is owed what they
 * wrote, have read or muted. `isThere`: a page of that browser is connected. It shows what it has; only what no device of the person has is pushed
 * there nevertheless, because such a line may be dead.
 */
export async function takePushes(core: Core, conv: ConversationId, isThere: (user: UserId, session: SessionId) => boolean): Promise<Push[]> {
  return core.store.transact(async (tx) => {
    const conversation = await tx.conversation(conv)
    if (!conversation) return []
    const owed = await tx.pushesOwed(conv, core.now())
    const pushes: Push[] = []
    const newest = new Map<number, ChatMessage | undefined>()
    for (const { seq, count, delivered, ...to } of owed) {
      if (isThere(to.user, to.session) && delivered >= seq) continue
      if (!newest.has(seq)) newest.set(seq, (await tx.messages(conv, { after: seq - 1, before: seq + 1, limit: 1, from: 'end' }))[0])
      const message = newest.get(seq)
      if (message)
        pushes.push({ to, news: { user: to.user, conv, kind: conversation.kind, name: conversation.name, count, newest: inShort(message) } })
    }
    await tx.settlePushes(conv)
    return pushes
  })
}

function inShort({ id, seq, at, senderName, body, files }: ChatMessage): PushedNews['newest'] {
  const text = body === '' ? (files ?? []).map(({ name }) => name).join(', ') : body
  return { id, seq, at, senderName, body: text.slice(0, BODY_MAX_CHARS).replace(HALF_SIGN, '') }
}
