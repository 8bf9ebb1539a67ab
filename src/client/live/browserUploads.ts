import * as z from 'zod/mini'
import { Files } from '#protocol/files.ts'
import { FileId, uuidv7 } from '#protocol/ids.ts'
import { answerTo, completionOf } from './idbRequests.ts'
import { readable, refusals, Written } from './storage.ts'
import type { UploadRow, UploadStore } from './uploads.ts'

const StoredUpload = z.object({
  message: z.object({ ...Written.shape, files: Files }),
  begun: z.array(FileId),
  done: z.array(FileId),
  refusal: z.nullable(z.enum(refusals)),
})

const TABLES = ['uploads', 'blobs'] as const

/** Of a person. Apart from what messages are kept in: a film that is being written must not hold up a word. */
const nameOf = (user: string): string => `tidemark-files:${user}`

/** Beside what is being written somebody may leave a file for so long. */
const UNSENT_FOR_MS = 30 * 24 * 60 * 60 * 1000

/** Files that wait, in IndexedDB. Where there is none, or it can't be opened, every method rejects. */
export function openUploadStore(user: string, now: () => number = Date.now): UploadStore {
  let opening: Promise<IDBDatabase> | undefined

  const forget = () => (opening = undefined)

  async function open(): Promise<IDBDatabase> {
    const request = indexedDB.open(nameOf(user), 1)
    request.addEventListener('upgradeneeded', () => TABLES.forEach((table) => request.result.createObjectStore(table)))
    const db = await answerTo(request)
    db.addEventListener('versionchange', () => {
      db.close()
      forget()
    })
    db.addEventListener('close', forget)
    return db
  }

  /** What failed is tried again with the next call. */
  const opened = (): Promise<IDBDatabase> =>
    (opening ??= open().catch((error: unknown) => {
      forget()
      throw error
    }))

  /** `work` begins its requests at once; all of them are kept when this resolves. */
  async function change(work: (table: (name: (typeof TABLES)[number]) => IDBObjectStore) => void): Promise<void> {
    const db = await opened()
    const transaction = db.transaction([...TABLES], 'readwrite')
    const completed = completionOf(transaction)
    work((table) => transaction.objectStore(table))
    await completed
  }
  async function ask<T>(table: (typeof TABLES)[number], question: (table: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const db = await opened()
    return answerTo(question(db.transaction(table).objectStore(table)))
  }

  /** Files of drafts that were given up unseen, as with a profile that nobody opened for weeks. */
  async function dropForgotten(rows: readonly UploadRow[]): Promise<void> {
    const awaited = new Set(rows.flatMap(({ message }) => message.files.map(({ id }) => id)))
    const before = IDBKeyRange.upperBound(uuidv7(now() - UNSENT_FOR_MS, (bytes) => bytes.fill(0)))
    const forgotten = (await ask('blobs', (table) => table.getAllKeys(before))).filter((id) => !awaited.has(id as FileId))
    if (forgotten.length > 0) await change((table) => forgotten.forEach((id) => table('blobs').delete(id)))
  }
  let isLooked = false

  return {
    rows: async () => {
      const rows = readable(StoredUpload, await ask('uploads', (table) => table.getAll())) as UploadRow[]
      if (!isLooked) await dropForgotten(rows).catch(() => {})
      isLooked = true
      return rows
    },
    add: (row, blobs) =>
      change((table) => {
        table('uploads').put(row, row.message.clientId)
        for (const { id, blob } of blobs) table('blobs').put(blob, id)
      }),
    change: (row) =>
      change((table) => {
        const held = table('uploads').getKey(row.message.clientId)
        held.addEventListener('success', () => held.result !== undefined && table('uploads').put(row, row.message.clientId))
      }),
    remove: ({ message }) =>
      change((table) => {
        table('uploads').delete(message.clientId)
        for (const { id } of message.files) table('blobs').delete(id)
      }),
    blob: (id) => ask('blobs', (table) => table.get(id) as IDBRequest<Blob | undefined>),
    keepBlob: (id, blob) => change((table) => table('blobs').put(blob, id)),
    dropBlob: (id) => change((table) => table('blobs').delete(id)),
    close: () =>
      void opening?.then(
        (db) => db.close(),
        () => {},
      ),
  }
}

/** Takes away all that waits of a person. Where there is no database there is nothing to take away. */
export const deleteUploads = (user: string): Promise<void> =>
  Promise.resolve()
    .then(() => answerTo(indexedDB.deleteDatabase(nameOf(user))))
    .then(
      () => {},
      () => {},
    )

/** Does anything of a person wait to be uploaded in this browser? */
export async function hasUploads(user: string): Promise<boolean> {
  const store = openUploadStore(user)
  const rows = await store.rows().catch(() => [])
  store.close()
  return rows.length > 0
}
