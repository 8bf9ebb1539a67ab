import { TYPING_HOLDS_MS } from '#protocol/presence.ts'
import { refusal } from '#protocol/reply.ts'
import { standingIn } from '#server/domain/membership.ts'
import { obstacle } from '#server/domain/rules.ts'
import type { Handlers } from './answer.ts'
import { userRoom, viewRoom } from './live.ts'

/** What is on screen, and who is typing there. Nothing here decides who gets messages. */
export const viewHandlers: Handlers<'conversation:open' | 'conversation:close' | 'typing:set'> = {
  'conversation:open': async ({ core }, live, { conv }) => {
    live.open.add(conv)
    const standing = await core.store.read(async (tx) => standingIn(tx, live.who, await tx.conversation(conv)))
    const rule = obstacle('conversation:open', standing)
    if (rule) {
      live.open.delete(conv)
      return refusal(rule.code, { detail: rule.why })
    }
    // who may not write has no part in who is typing
    if (standing.isBlocked === true) return {}
    // closed again, or gone, while the database was asked: joining now would leave a room nobody ever leaves
    if (live.open.has(conv) && live.socket.connected) void live.socket.join(viewRoom(conv))
    return {}
  },

  'conversation:close': (_edge, live, { conv }) => {
    void live.socket.leave(viewRoom(conv))
    live.open.delete(conv)
    return {}
  },

  // only to those who look, and only from those who may: a member that was removed has left the view room with the membership
  'typing:set': (_edge, live, { conv, on }) => {
    if (!live.socket.rooms.has(viewRoom(conv))) return refusal('E_NOT_MEMBER', { detail: 'not open here' })
    const push = { conv, user: live.who.user, name: live.name ?? '', forMs: on ? TYPING_HOLDS_MS : 0 }
    live.socket.volatile.to(viewRoom(conv)).except(userRoom(live.who.user)).emit('typing:changed', push)
    return {}
  },
}
