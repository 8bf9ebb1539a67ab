import type { Profile } from '#protocol/conversation.ts'
import type { UserId } from '#protocol/ids.ts'
import type { Tx } from '#server/storage/store.ts'
import type { Core, Identity, Notice } from './core.ts'
import { tellConsent } from './directs.ts'
import { personFor, profileFrom } from './people.ts'
import { write } from './write.ts'

/*
 * A block stands between two people, whoever set it: neither writes to the other any more, sees when they are here, or adds them to a group.
 * What they wrote before stays, and groups both are in go on. Whoever is blocked is not told so.
 */

export async function block(core: Core, who: Identity, { user }: { user: UserId }): Promise<void> {
  await write(core, async (tx, tell) => {
    await personFor(tx, who, 'person:block', user)
    await tx.insertBlock(who.user, user, core.now())
    const conv = await consentChanged(core, tx, who, user, tell)
    tell({ kind: 'parted', users: [who.user, user], ...(conv !== undefined && { conv }) })
  })
}

/** Harmless where there is no block. */
export async function unblock(core: Core, who: Identity, { user }: { user: UserId }): Promise<void> {
  await write(core, async (tx, tell) => {
    await tx.deleteBlock(who.user, user)
    await consentChanged(core, tx, who, user, tell)
  })
}

export async function blockedBy(core: Core, who: Identity): Promise<Profile[]> {
  return core.store.read(async (tx) => (await tx.blockedBy(who.user)).map(profileFrom))
}

async function consentChanged(core: Core, tx: Tx, who: Identity, other: UserId, tell: (notice: Notice) => void) {
  const direct = await tx.directBetween(who.user, other)
  const membership = direct && (await tx.membership(direct.id, who.user))
  if (membership) await tellConsent(core, tx, membership, tell)
  return membership?.conv
}
