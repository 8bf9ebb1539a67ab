import type { FileFacts } from '#protocol/files.ts'
import type { FileId, UserId } from '#protocol/ids.ts'
import { Refused, type FileRow, type ReadTx, type Tx } from '#server/storage/store.ts'
import type { Core, Identity } from './core.ts'
import { write } from './write.ts'

/** Files that no message has taken by then are given up; who still waits to send one uploads it again. */
const UNSENT_MS = 30 * 24 * 3_600_000
const FORGOTTEN_AT_ONCE = 100

/**
 * Somebody begins to upload a file, or begins anew under the same id. `quota`: bytes that one person may keep here. Refuses with `E_ID_CONFLICT`
 * where the id is another file's, and with `E_FORBIDDEN` where there is no room.
 */
export async function beginFile(core: Core, { user, permissions }: Identity, file: FileFacts, quota: number): Promise<void> {
  if (!permissions.includes('message:send')) throw new Refused('E_FORBIDDEN')
  await write(core, async (tx) => {
    await tx.lockUser(user)
    const there = await tx.file(file.id)
    if (there && (!isOpenTo(there, user) || there.completeAt !== null || there.size !== file.size)) throw new Refused('E_ID_CONFLICT')
    if (there) return
    if ((await tx.bytesOf(user)) + file.size > quota) throw new Refused('E_FORBIDDEN', 'quota')
    await tx.insertFile(file, user, core.now())
  })
}

/** All of it is on the disk. `pixels`: where it is a picture that browsers show. */
export const completeFile = (core: Core, id: FileId, pixels: { width: number; height: number } | undefined): Promise<void> =>
  write(core, (tx) => tx.completeFile(id, pixels, core.now()))

/** The file that this person may go on to upload. Refuses with `E_NOT_FOUND`: there is none such of theirs. */
export async function demandUpload(core: Core, { user }: Identity, id: FileId): Promise<FileRow> {
  const file = await core.store.read((tx) => tx.file(id))
  if (!file || !isOpenTo(file, user)) throw new Refused('E_NOT_FOUND')
  return file
}

/** The person thought better of it. What a message has taken goes with the message only. */
export async function withdrawFile(core: Core, { user }: Identity, id: FileId): Promise<void> {
  await write(core, async (tx) => {
    const file = await tx.file(id)
    if (!file || !isOpenTo(file, user)) throw new Refused('E_NOT_FOUND')
    await tx.removeFile(id)
  })
}

/** The files a message takes, in this order; undefined where one is not there, not complete, somebody else's or another message's. */
export async function filesToSend(tx: Tx, { user }: Identity, ids: readonly FileId[]): Promise<FileFacts[] | undefined> {
  const files: FileFacts[] = []
  for (const id of ids) {
    const file = await tx.file(id)
    if (!file || !isOpenTo(file, user) || file.completeAt === null) return undefined
    files.push(factsOf(file))
  }
  return files
}

/** Those of these files that this person may read: of messages they see, and their own that are not sent yet. */
export const readableFiles = (core: Core, who: Identity, ids: readonly FileId[]): Promise<FileFacts[]> =>
  core.store.read(async (tx) => {
    const files: FileFacts[] = []
    for (const id of ids) {
      const file = await tx.file(id)
      if (file && file.completeAt !== null && (await isReadable(tx, who, file))) files.push(factsOf(file))
    }
    return files
  })

/** A file as this person may fetch it at this moment: a link to it may be older than what has happened since. */
export const fileFor = (core: Core, user: UserId, id: FileId): Promise<FileFacts | undefined> =>
  core.store.read(async (tx) => {
    const [reader, file] = [await tx.user(user), await tx.file(id)]
    if (!reader || reader.bannedAt !== null || !file || file.completeAt === null) return undefined
    return (await isReadable(tx, { user, tenant: reader.tenant }, file)) ? factsOf(file) : undefined
  })

/** Takes out of the books what nobody can read any more, after `unlink` has taken it from the disk. Answers how many it could not take. */
export async function forgetFiles(core: Core, unlink: (id: FileId) => Promise<void>): Promise<number> {
  let stuck = 0
  for (;;) {
    const begunBefore = core.now() - UNSENT_MS
    const ids = await core.store.read((tx) => tx.filesToForget(begunBefore, FORGOTTEN_AT_ONCE))
    for (const id of ids) {
      // decided first of all: no message takes it while it goes, and one that has taken it meanwhile keeps it
      const isToGo = await write(core, async (tx) => {
        const file = await tx.file(id)
        if (!file || (!file.isRemoved && file.message !== null)) return false
        await tx.removeFile(id)
        return true
      })
      if (!isToGo) continue
      try {
        await unlink(id)
      } catch {
        // one that can't be taken away keeps no other
        stuck++
        continue
      }
      await write(core, (tx) => tx.forgetFile(id))
    }
    if (ids.length < FORGOTTEN_AT_ONCE || stuck > 0) return stuck
  }
}

const isOpenTo = (file: FileRow, user: UserId): boolean => file.owner === user && file.message === null && !file.isRemoved

async function isReadable(tx: ReadTx, { user, tenant }: Pick<Identity, 'user' | 'tenant'>, file: FileRow): Promise<boolean> {
  if (file.isRemoved) return false
  if (file.message === null) return file.owner === user
  const message = await tx.message(file.message)
  if (!message || message.deletedAt !== undefined) return false
  const conversation = await tx.conversation(message.conv)
  const place = await tx.membership(message.conv, user)
  return conversation?.tenant === tenant && place !== undefined && message.seq > place.visibleFrom
}

const factsOf = ({ id, name, type, size, width, height }: FileRow): FileFacts => ({
  id,
  name,
  type,
  size,
  ...(width !== undefined && height !== undefined && { width, height }),
})
