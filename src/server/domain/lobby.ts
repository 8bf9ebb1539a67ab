import { CHAIN_START, LOBBY } from '#protocol/ids.ts'
import type { ConversationRow, Tx, UserRow } from '#server/storage/store.ts'
import type { Core, Identity } from './core.ts'
import { write } from './write.ts'

/** The tenant of everybody, as long as there is only one. The lobby is its. */
export const DEFAULT_TENANT = 'default'

/** Makes the person a member of the public lobby, which shows everybody its whole history; harmless when they are one. */
export async function joinLobby(core: Core, who: Identity): Promise<void> {
  await write(core, (tx) => enterLobby(core, tx, { id: who.user, tenant: who.tenant }))
}

/**
 * As `joinLobby`, inside a transaction. Nothing is appended to the log: with a line for every visitor it would hold little else. The
 * count of members reaches the others with their next heads.
 */
export async function enterLobby(core: Core, tx: Tx, { id, tenant }: Pick<UserRow, 'id' | 'tenant'>): Promise<void> {
  if (tenant !== DEFAULT_TENANT) return
  const lobby = (await tx.lockConversation(LOBBY)) ?? (await makeLobby(core, tx))
  if (await tx.membership(LOBBY, id)) return
  const { seq } = lobby
  await tx.insertMember({
    conv: LOBBY,
    user: id,
    role: 'member',
    joinedRev: 0,
    visibleFrom: 0,
    leftRev: null,
    delivered: seq,
    read: seq,
    isAsked: false,
  })
  await tx.updateConversation(LOBBY, { marksRev: lobby.marksRev + 1 })
}

async function makeLobby(core: Core, tx: Tx): Promise<ConversationRow> {
  const at = core.now()
  const lobby: ConversationRow = {
    id: LOBBY,
    tenant: DEFAULT_TENANT,
    kind: 'lobby',
    name: 'Lobby',
    createdAt: at,
    rev: 0,
    seq: 0,
    h: CHAIN_START,
    picture: null,
    floorRev: 0,
    marksRev: 0,
    changedAt: at,
  }
  await tx.insertConversation(lobby)
  return lobby
}
