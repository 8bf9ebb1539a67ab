import type { UserId } from '#protocol/ids.ts'
import { openSqliteStore } from '#server/storage/openSqliteStore.ts'

/* A process that opens a store and writes to it until it is killed, telling its parent what was acknowledged. For tests. */
const dir = process.argv[2]
if (dir === undefined) throw new Error('which directory?')
const store = await openSqliteStore({ dir, newId: () => crypto.randomUUID() })
process.send?.('open')

async function writeForEver(writer: number): Promise<never> {
  for (let n = 0; ; n++) {
    const id = `w${writer}-${n}` as UserId
    await store.transact((tx) =>
      tx.insertUser({
        id,
        tenant: 't',
        name: id,
        login: null,
        contact: 'anyone',
        receipts: 'shown',
        picture: null,
        bannedAt: null,
        deletedAt: null,
        createdAt: n,
        lastLoginAt: n,
        lastSeenAt: null,
      }),
    )
    process.send?.(id)
  }
}
await Promise.race([1, 2, 3].map(writeForEver))
