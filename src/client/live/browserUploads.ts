import * as z from 'zod/mini'
import { Files } from '#protocol/files.ts'
import { FileId } from '#protocol/ids.ts'
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

/** Files that wait, in IndexedDB; in the memory of this page where there is none, or it can't be opened. */
export function openUploadStore(user: string, failed: (error: unknown) => void): UploadStore {
  const memory = { rows: new Map<string, UploadRow>(), blobs: new Map<string, Blob>() }
  let opening: Promise<IDBDatabase | undefined> | undefined

  const open = async (): Promise<IDBDatabase | undefined> => {
    try {
      const request = indexedDB.open(nameOf(user), 1)
      request.addEventListener('upgradeneeded', () => TABLES.forEach((table) => request.result.createObjectStore(table)))
      const db = await answerTo(request)
      const forget = () => (opening = undefined)
      db.addEventListener('versionchange', () => {
        db.close()
        forget()
      })
      db.addEventListener('close', forget)
      return db
    } catch (error) {
      failed(error)
      return undefined
    }
  }

  /** `work` begins its requests at once; all of them are kept when this resolves. */
  async function change(work: (table: (name: (typeof TABLES)[number]) => IDBObjectStore) => void): Promise<boolean> {
    const db = await (opening ??= open())
    if (!db) return false
    const transaction = db.transaction([...TABLES], 'readwrite')
    const completed = completionOf(transaction)
    work((table) => transaction.objectStore(table))
    await completed
    return true
  }
  async function ask<T>(table: (typeof TABLES)[number], question: (table: IDBObjectStore) => IDBRequest<T>): Promise<T | undefined> {
    const db = await (opening ??= open())
    return db && answerTo(question(db.transaction(table).objectStore(table)))
  }

  return {
    rows: async () => {
      const rows = await ask('uploads', (table) => table.getAll())
      return rows ? (readable(StoredUpload, rows) as UploadRow[]) : [...memory.rows.values()]
    },
    add: async (row, blobs) => {
      const isKept = await change((table) => {
        table('uploads').put(row, row.message.clientId)
        for (const { id, blob } of blobs) table('blobs').put(blob, id)
      })
      if (isKept) return
      memory.rows.set(row.message.clientId, row)
      for (const { id, blob } of blobs) memory.blobs.set(id, blob)
    },
    change: async (row) => {
      const isKept = await change((table) => {
        const held = table('uploads').getKey(row.message.clientId)
        held.addEventListener('success', () => held.result !== undefined && table('uploads').put(row, row.message.clientId))
      })
      if (!isKept) memory.rows.set(row.message.clientId, row)
    },
    remove: async ({ message }) => {
      await change((table) => {
        table('uploads').delete(message.clientId)
        for (const { id } of message.files) table('blobs').delete(id)
      })
      memory.rows.delete(message.clientId)
      for (const { id } of message.files) memory.blobs.delete(id)
    },
    blob: async (id) => ((await ask('blobs', (table) => table.get(id))) as Blob | undefined) ?? memory.blobs.get(id),
    close: () =>
      void opening?.then(
        (db) => db?.close(),
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
  const store = openUploadStore(user, () => {})
  const rows = await store.rows().catch(() => [])
  store.close()
  return rows.length > 0
}
