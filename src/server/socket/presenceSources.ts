import type { UserId } from '#protocol/ids.ts'
import type { Core } from '#server/domain/core.ts'
import { isBlockedBetween } from '#server/domain/membership.ts'
import type { ReadTx } from '#server/storage/store.ts'
import type { PresenceParts } from './presenceBook.ts'
import type { Live } from './live.ts'

/** What presence asks of the database. */
export function presenceSources({ store }: Core): Pick<PresenceParts<Live>, 'sharing' | 'lastSeenOf' | 'storeLastSeen'> {
  return {
    sharing: (user, others) =>
      store.read(async (tx) => {
        const sharing = new Set<UserId>()
        for (const other of others) if (other === user || (await maySee(tx, user, other))) sharing.add(other)
        return sharing
      }),
    lastSeenOf: (users) =>
      store.read(async (tx) => {
        const seen = new Map<UserId, number | null>()
        for (const user of users) seen.set(user, (await tx.user(user))?.lastSeenAt ?? null)
        return seen
      }),
    storeLastSeen: (user, at) => store.transact((tx) => tx.updateUser(user, { lastSeenAt: at })),
  }
}

const maySee = async (tx: ReadTx, user: UserId, other: UserId): Promise<boolean> =>
  (await tx.shareConversation(user, other)) && !(await isBlockedBetween(tx, user, other))
