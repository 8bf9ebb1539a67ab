import { LOBBY, type DeviceId, type MessageId, type OperationId, type SessionId, type TabId, type UserId } from '#protocol/ids.ts'
import type { MessageDraft } from '#protocol/requests.ts'
import { Refused, type ReportRow, type SessionRow } from '#server/storage/store.ts'
import { applyOperation } from './applyOperation.ts'
import type { Core, Identity } from './core.ts'
import { liveSessions } from './devices.ts'
import { DEFAULT_TENANT, enterLobby } from './lobby.ts'
import { personFor, showAs } from './people.ts'
import { postMessages } from './postMessages.ts'
import { write } from './write.ts'

/** Tells the operators about somebody, and of the message it is about what the asking person can see of it. Throws `E_NOT_FOUND`. */
export async function report(
  core: Core,
  who: Identity,
  { user, message: id, reason }: { user: UserId; message?: MessageId | undefined; reason: string },
): Promise<void> {
  await write(core, async (tx) => {
    await personFor(tx, who, 'person:report', user)
    const message = id === undefined ? undefined : await tx.message(id)
    if (id !== undefined) {
      const membership = message && (await tx.membership(message.conv, who.user))
      if (message?.sender !== user || !membership || message.seq <= membership.visibleFrom) throw new Refused('E_NOT_FOUND', 'message')
    }
    const text = message?.body ?? null
    await tx.insertReport({ id: core.newId(), by: who.user, user, message: id ?? null, text, reason, at: core.now() })
  })
}

export async function reports(core: Core): Promise<ReportRow[]> {
  return core.store.read((tx) => tx.reports(REPORTS_MAX))
}

const REPORTS_MAX = 500

/** Lets somebody in no longer, and shows no picture of theirs any more. Answers their sessions, for their connections to be cut: banned, they are of no use. Throws `E_NOT_FOUND`. */
export async function ban(core: Core, { user }: { user: UserId }): Promise<SessionRow[]> {
  return setBannedAt(core, user, core.now())
}

/** Their sessions work again. Throws `E_NOT_FOUND`. */
export async function unban(core: Core, { user }: { user: UserId }): Promise<void> {
  await setBannedAt(core, user, null)
}

/** Who speaks for the operators: a member of the lobby whom nobody can sign in as, write to or find. */
const OPERATORS = 'operators' as UserId
/** `DisplayName` lets nobody else go by it. */
const OPERATORS_NAME = 'Operators'

/**
 * Says something to everybody: a message in the lobby, which is kept, counted and told of like any other. Said once, however often it is asked for
 * under one client id. Throws `Refused` with what is wrong with the text.
 */
export async function announce(core: Core, draft: MessageDraft): Promise<{ id: MessageId; seq: number }> {
  await write(core, async (tx) => {
    if (await tx.user(OPERATORS)) return
    const at = core.now()
    const nobodys = { picture: null, bannedAt: null, deletedAt: null, lastSeenAt: null }
    // no guest, and a login that nobody can type
    const user = {
      id: OPERATORS,
      tenant: DEFAULT_TENANT,
      name: OPERATORS_NAME,
      login: '*operators*',
      contact: 'nobody' as const,
      receipts: 'shown' as const,
    }
    await tx.insertUser({ ...user, ...nobodys, createdAt: at, lastLoginAt: at })
    await enterLobby(core, tx, user)
  })
  const { results } = await postMessages(core, speaker(core), { conv: LOBBY, messages: [draft] })
  const [result] = results
  if (!result?.ok) throw result ? new Refused(result.code, 'announcement') : new Error('nothing came of an announcement')
  return { id: result.id, seq: result.seq }
}

/** Takes an announcement back; what others wrote in the lobby is not theirs to delete here. Throws `Refused`. */
export async function withdraw(core: Core, id: MessageId): Promise<void> {
  const operation = { kind: 'delete' as const, opId: core.newId() as OperationId, target: { id } }
  await applyOperation(core, speaker(core), { conv: LOBBY, operation })
}

const speaker = (core: Core): Identity => ({
  user: OPERATORS,
  tenant: DEFAULT_TENANT,
  session: core.newId() as SessionId,
  device: core.newId() as DeviceId,
  tab: core.newId() as TabId,
  permissions: ['message:send'],
})

async function setBannedAt(core: Core, user: UserId, bannedAt: number | null): Promise<SessionRow[]> {
  return write(core, async (tx, tell) => {
    const row = await tx.user(user)
    if (!row) throw new Refused('E_NOT_FOUND')
    await tx.updateUser(user, { bannedAt })
    if (bannedAt !== null && row.picture !== null) await showAs(core, tx, tell, row, null)
    return liveSessions(core, tx, user)
  })
}
