import type { ConversationFacts } from '#protocol/conversation.ts'
import type { InviteFacts } from '#protocol/http.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { Refused, type ConversationRow, type InviteRow, type ReadTx } from '#server/storage/store.ts'
import { appendLog } from './appendLog.ts'
import type { Core, Identity } from './core.ts'
import { factsNow } from './facts.ts'
import { addPeople } from './joining.ts'
import { lockedPlaceOf, placeOf } from './membership.ts'
import { askerOf } from './people.ts'
import { write } from './write.ts'

/** How long a link works, and for how many; without them for ever and for everybody. */
export type InviteTerms = { forMs?: number | undefined; uses?: number | undefined }

/** A link that lets whoever has it into a group. Without terms it is the same one for as long as it works; with terms a new one each time. */
export async function createInvite(core: Core, who: Identity, { conv, forMs, uses }: { conv: ConversationId } & InviteTerms): Promise<InviteRow> {
  return write(core, async (tx) => {
    await lockedPlaceOf(tx, who, 'group:invite', conv)
    const working = (await tx.invitesOf(conv)).filter((row) => isWorking(core, row))
    const lasting = working.find(({ expiresAt, usesLeft }) => expiresAt === null && usesLeft === null)
    if (lasting && forMs === undefined && uses === undefined) return lasting
    if (working.length >= INVITES_MAX) throw new Refused('E_FORBIDDEN', 'too many links')
    const row: InviteRow = {
      code: inviteCode(core.sha256(core.newId())),
      conv,
      createdBy: who.user,
      createdAt: core.now(),
      revokedAt: null,
      expiresAt: forMs === undefined ? null : core.now() + forMs,
      usesLeft: uses ?? null,
    }
    await tx.insertInvite(row)
    return row
  })
}

/** The links into a group that still work, the newest first, for whoever may make one. */
export async function invitesOf(core: Core, who: Identity, { conv }: { conv: ConversationId }): Promise<InviteRow[]> {
  return core.store.read(async (tx) => {
    await placeOf(tx, who, 'group:invite', conv)
    return (await tx.invitesOf(conv)).filter((row) => isWorking(core, row))
  })
}

/** Makes a link work no longer; harmless when it doesn't, and for a link into another group. */
export async function revokeInvite(core: Core, who: Identity, { conv, code }: { conv: ConversationId; code: string }): Promise<void> {
  await write(core, async (tx) => {
    await lockedPlaceOf(tx, who, 'group:invite', conv)
    if ((await tx.invite(code))?.conv === conv) await tx.updateInvite(code, { revokedAt: core.now() })
  })
}

/** Links into one group that work at the same time. */
const INVITES_MAX = 50

const isWorking = (core: Core, { revokedAt, expiresAt, usesLeft }: InviteRow): boolean =>
  revokedAt === null && (expiresAt === null || expiresAt > core.now()) && (usesLeft === null || usesLeft > 0)

/** What the holder of a link may know before joining. `E_NOT_FOUND` when the link works no longer, or never did. */
export async function inviteFacts(core: Core, who: Identity, { code }: { code: string }): Promise<InviteFacts> {
  return core.store.read(async (tx) => {
    const { conversation, isMember } = await invitedTo(core, tx, who, code)
    const { id: conv, name } = conversation
    return { code, conv, name, memberCount: await tx.memberCount(conv), isMember }
  })
}

/** Joins the group a link leads to; harmless for its members. */
export async function joinByInvite(core: Core, who: Identity, { code }: { code: string }): Promise<ConversationFacts> {
  return write(core, async (tx, tell) => {
    const known = await tx.invite(code)
    // before anything is read: how many it still lets in is counted under the lock
    if (known) await tx.lockConversation(known.conv)
    const { invite, conversation, isMember } = await invitedTo(core, tx, who, code)
    const { id: conv } = conversation
    if (!isMember) {
      const user = await askerOf(tx, who)
      const log = appendLog(core, tx, conversation)
      await addPeople(core, tx, { conversation, log, people: [{ user, role: 'member' }], actor: who.user, tell })
      await log.close()
      if (invite.usesLeft !== null) await tx.updateInvite(code, { usesLeft: invite.usesLeft - 1 })
      tell({ kind: 'log', conv, events: log.events, recipients: await tx.memberIds(conv) })
    }
    return factsNow(tx, who, conv)
  })
}

type Invited = { invite: InviteRow; conversation: ConversationRow; isMember: boolean }

/** Whoever came by a link may follow it again, also when it works for nobody else. */
async function invitedTo(core: Core, tx: ReadTx, who: Identity, code: string): Promise<Invited> {
  const invite = await tx.invite(code)
  const conversation = invite && (await tx.conversation(invite.conv))
  if (!invite || conversation?.tenant !== who.tenant) throw new Refused('E_NOT_FOUND')
  const isMember = (await tx.membership(conversation.id, who.user)) !== undefined
  if (!isMember && !isWorking(core, invite)) throw new Refused('E_NOT_FOUND')
  return { invite, conversation, isMember }
}

/** No letters or digits that look alike: codes are read out and typed. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789'
const CODE_LENGTH = 12

function inviteCode(chance: string): string {
  return Array.from({ length: CODE_LENGTH }, (_, i) => ALPHABET[Number.parseInt(chance.slice(2 * i, 2 * i + 2), 16) % ALPHABET.length]).join('')
}
