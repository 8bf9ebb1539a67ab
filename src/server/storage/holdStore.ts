import { openSqliteStore } from './openSqliteStore.ts'

/* A process that holds a store until it is killed, for tests. */
const dir = process.argv[2]
if (dir === undefined) throw new Error('which directory?')
await openSqliteStore({ dir, newId: () => crypto.randomUUID() })
process.send?.('open')
setInterval(() => undefined, 60_000)
