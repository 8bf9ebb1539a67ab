import type { ConversationFacts } from '#protocol/conversation.ts'
import type { InviteFacts } from '#protocol/http.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { Refused, type ConversationRow, type InviteRow, type ReadTx } from '#server/storage/store.ts'
import { appendLog } from './appendLog.ts'
import type { Core, Identity } from './core.ts'
import { factsNow } from './facts.ts'
import { addPeople } from './joining.ts'
import { lockedPlaceOf } from './membership.ts'
import { personOf } from './people.ts'
import { write } from './write.ts'

/** The code of a link that lets anybody into a group; the same one for as long as it works. */
export async function createInvite(core: Core, who: Identity, { conv }: { conv: ConversationId }): Promise<InviteRow> {
  return write(core, async (tx) => {
    await lockedPlaceOf(tx, who, 'group:invite', conv)
    const existing = await tx.inviteOf(conv)
    if (existing) return existing
    const row: InviteRow = { code: inviteCode(core.sha256(core.newId())), conv, createdBy: who.user, createdAt: core.now(), revokedAt: null }
    await tx.insertInvite(row)
    return row
  })
}

/** What the holder of a link may know before joining. `E_NOT_FOUND` when the link works no longer, or never did. */
export async function inviteFacts(core: Core, who: Identity, { code }: { code: string }): Promise<InviteFacts> {
  return core.store.read(async (tx) => {
    const { id: conv, name } = await invitedTo(tx, who, code)
    const isMember = (await tx.membership(conv, who.user)) !== undefined
    return { code, conv, name, memberCount: await tx.memberCount(conv), isMember }
  })
}

/** Joins the group a link leads to; harmless for its members. */
export async function joinByInvite(core: Core, who: Identity, { code }: { code: string }): Promise<ConversationFacts> {
  return write(core, async (tx, tell) => {
    const { id: conv } = await invitedTo(tx, who, code)
    const conversation = (await tx.lockConversation(conv))!
    if (!(await tx.membership(conv, who.user))) {
      const user = await personOf(tx, who, who.user)
      const log = appendLog(core, tx, conversation)
      await addPeople(core, tx, { conversation, log, people: [{ user, role: 'member' }], actor: who.user, tell })
      await log.close()
      tell({ kind: 'log', conv, events: log.events, recipients: await tx.memberIds(conv) })
    }
    return factsNow(tx, who, conv)
  })
}

async function invitedTo(tx: ReadTx, who: Identity, code: string): Promise<ConversationRow> {
  const invite = await tx.invite(code)
  const conversation = invite && invite.revokedAt === null ? await tx.conversation(invite.conv) : undefined
  if (conversation?.tenant !== who.tenant) throw new Refused('E_NOT_FOUND')
  return conversation
}

/** No letters or digits that look alike: codes are read out and typed. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'
const CODE_LENGTH = 12

function inviteCode(chance: string): string {
  return Array.from({ length: CODE_LENGTH }, (_, i) => ALPHABET[Number.parseInt(chance.slice(2 * i, 2 * i + 2), 16) % ALPHABET.length]).join('')
}
