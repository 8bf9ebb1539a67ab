import { openBrowserDb } from './browserDb.ts'
import type { Leaves } from './client.ts'
import { TABLES, type Table } from './db.ts'
import type { Local } from './leftBehind.ts'
import { deleteUploads } from './browserUploads.ts'

/** Under this and the person's id stands what they left when they signed out, until the rest is gone. */
export const LEAVES = 'tidemark:leaving:'

/** What waits to be sent or finished, and what it is counted by. */
const QUEUE: Table[] = ['outbox', 'operations', 'drafts', 'meta']
const OUTBOX_META = 'outbox'
/**
 * What pages have put beside the database: words and changes a page could not keep in time, what the outbox is counted by, drafts; and
 * whether this device notifies them (`features/notifications`), which is their choice and nobody else's.
 */
const PLACES = ['words', 'changes', 'unsent', 'drafts', 'notify']
/** What they were notified of (`ui/notifier.ts`). */
const TOLD = 'tidemark:told'

/**
 * Takes away what somebody has left in this browser who signed out: all of it, or all but what waits to be sent, for when they are back. Each of
 * their tabs does so when it has let go; and the next page, should none have come to it.
 */
export async function sweep(local: Local, user: string): Promise<void> {
  const leaves = leavesOf(local, user)
  if (leaves === undefined) return
  const db = openBrowserDb(`tidemark:${user}`, () => {})
  await db
    .transact(async (tx) => {
      const outboxMeta = await tx.get('meta', OUTBOX_META)
      for (const table of TABLES) if (leaves === 'nothing' || table === 'meta' || !QUEUE.includes(table)) await tx.deleteAll(table)
      if (leaves === 'queue' && outboxMeta !== undefined) await tx.put('meta', OUTBOX_META, outboxMeta)
    })
    .finally(db.close)
  if (leaves === 'nothing') await deleteUploads(user)
  if ('caches' in globalThis) await (await caches.open(TOLD)).delete(`/${user}`)
  if (leaves === 'nothing') for (const place of PLACES) removeAt(local, `tidemark:${place}:${user}`)
  // They may have come back meanwhile.
  if (leavesOf(local, user) === leaves) local.removeItem(LEAVES + user)
}

/** Everybody's of whom something is still to go, but not of `present`, who is back. */
export async function sweepOthers(local: Local, present: string): Promise<void> {
  local.removeItem(LEAVES + present)
  for (const key of Object.keys(local)) if (key.startsWith(LEAVES)) await sweep(local, key.slice(LEAVES.length))
}

function leavesOf(local: Local, user: string): Leaves | undefined {
  const text = local.getItem(LEAVES + user)
  return text === 'nothing' || text === 'queue' ? text : undefined
}

function removeAt(local: Local, place: string): void {
  for (const key of Object.keys(local)) if (key === place || key.startsWith(`${place}:`)) local.removeItem(key)
}
