import { mkdirSync } from 'node:fs'
import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'

/** In the data folder. */
export const FILES_FOLDER = 'files'

/** Where the files of messages lie: one file each, named by its id, and what the upload notes beside it (`ID.json`). */
export type FileFolder = ReturnType<typeof openFileFolder>

/** Enough of a picture to know how large it is. */
const HEAD_BYTES = 512 * 1024

/** Makes the folder when it is missing; for its owner alone. */
export function openFileFolder(dir: string) {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const pathOf = (id: string): string => join(dir, id)
  return {
    dir,
    pathOf,
    /** Everything written to it survives a loss of power once this resolves. */
    sync: async (id: string): Promise<void> => {
      const handle = await open(pathOf(id), 'r+')
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
    },
    /** Its first bytes. */
    head: async (id: string): Promise<Uint8Array> => {
      const handle = await open(pathOf(id))
      try {
        const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)
        return buffer.subarray(0, bytesRead)
      } finally {
        await handle.close()
      }
    },
    /** How many bytes more the disk takes. */
    freeBytes: async (): Promise<number> => {
      const { bavail, bsize } = await statfs(dir)
      return bavail * bsize
    },
    /** Harmless when it is not there. */
    remove: async (id: string): Promise<void> => {
      await rm(pathOf(id), { force: true })
      await rm(`${pathOf(id)}.json`, { force: true })
    },
  }
}
