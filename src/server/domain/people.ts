import type { Person } from '#protocol/conversation.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import type { Me } from '#protocol/session.ts'
import { Refused, type ReadTx, type Tx, type UserRow } from '#server/storage/store.ts'
import type { Core, Identity } from './core.ts'
import { write } from './write.ts'

/** A person as others see them. */
export const personFrom = ({ id, name, login }: UserRow): Person => ({ id, name, isGuest: login === null })

/** A person as they see themselves, with everything there is to be allowed. */
export function meFrom(user: UserRow): Me {
  return { ...personFrom(user), permissions: ['message:send', 'group:create', 'invite:create'] }
}

/** The asking person. */
export async function meOf(core: Core, who: Identity): Promise<Me> {
  return core.store.read(async (tx) => meFrom(await personOf(tx, who, who.user)))
}

/** A new name, for the person's other devices at once, for everybody else with new messages and with their next heads. */
export async function renameMe(core: Core, who: Identity, { name }: { name: string }): Promise<Me> {
  return write(core, async (tx, tell) => {
    const user = await personOf(tx, who, who.user)
    if (user.name === name) return meFrom(user)
    await tx.updateUser(user.id, { name })
    for (const { conversation } of await tx.conversationsOf(user.id)) await marksChanged(tx, conversation.id)
    const event = await tx.appendUserEvent(user.id, { kind: 'profile', name }, core.now())
    tell({ kind: 'user', user: user.id, event })
    return meFrom({ ...user, name })
  })
}

/** Throws `E_NOT_FOUND` for nobody and for people of another tenant alike. */
export async function personOf(tx: ReadTx, who: Pick<Identity, 'tenant'>, id: UserId): Promise<UserRow> {
  const user = await tx.user(id)
  if (user?.tenant !== who.tenant) throw new Refused('E_NOT_FOUND')
  return user
}

/** Makes the facts of a conversation count as new, so that its members ask for them. */
async function marksChanged(tx: Tx, conv: ConversationId): Promise<void> {
  const conversation = await tx.lockConversation(conv)
  if (conversation) await tx.updateConversation(conv, { marksRev: conversation.marksRev + 1 })
}
