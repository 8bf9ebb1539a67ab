import type { MessageId, UserId } from '#protocol/ids.ts'
import { Refused, type ReportRow, type SessionRow } from '#server/storage/store.ts'
import type { Core, Identity } from './core.ts'
import { liveSessions } from './devices.ts'
import { personFor, showAs } from './people.ts'
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

async function setBannedAt(core: Core, user: UserId, bannedAt: number | null): Promise<SessionRow[]> {
  return write(core, async (tx, tell) => {
    const row = await tx.user(user)
    if (!row) throw new Refused('E_NOT_FOUND')
    await tx.updateUser(user, { bannedAt })
    if (bannedAt !== null && row.picture !== null) await showAs(core, tx, tell, row, null)
    return liveSessions(core, tx, user)
  })
}
