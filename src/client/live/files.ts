import type { Action } from '@reduxjs/toolkit'
import { plainName } from '#protocol/fileNames.ts'
import { FILE_MAX_BYTES, FILE_NAME_MAX } from '#protocol/limits.ts'
import { uuidv7, type FileId } from '#protocol/ids.ts'
import { storageTrouble } from './browserDb.ts'
import { browserClock, browserLocks, browserRandom } from './browserPorts.ts'
import type { Api, FilesAtHand } from './client.ts'
import { storageLost } from './facts.ts'
import type { Channel, Token } from './ports.ts'
import type { TabMessage } from './tabs.ts'
import { openUploads, type SendFile } from './uploads.ts'
import { openUploadStore } from './browserUploads.ts'

export type OpenFiles = FilesAtHand & { handle: (action: Action) => void; holdsUnsaved: () => boolean; close: () => void }

export type FilesParts = {
  user: string
  origin: string
  token: Token
  channel: Channel<TabMessage> | undefined
  api: Pick<Api, 'fileLinks' | 'withdrawFile'>
  emit: (fact: Action) => void
}

/** Several pictures that come into sight at once are asked about at once. */
const GATHER_MS = 20
const LINKS_MAX = 50

/** The files of one person in this tab: those they choose, those on their way, and where those of messages are. */
export function openFiles(parts: FilesParts): OpenFiles {
  const { token, api, emit } = parts
  const clock = browserClock
  const storageFailed = (error: unknown) => emit(storageLost({ reason: storageTrouble(error) }))
  // What sends files is loaded when the first one is sent.
  const send: SendFile = (...sent) =>
    import('./tusUpload.ts').then(
      ({ tusUpload }) => tusUpload(parts.origin, token)(...sent),
      () => 'failed',
    )
  const uploads = openUploads({
    ...parts,
    clock,
    locks: browserLocks(),
    send,
    withdraw: (id) => void api.withdrawFile(id),
    storageFailed,
    store: openUploadStore(parts.user),
    lockName: `tidemark-files:${parts.user}`,
  })
  /** Of what was chosen here; kept while the page is here, so that a picture stays in sight when its message arrives. */
  const local = new Map<FileId, string>()
  const links = new Map<FileId, { link: string; until: number }>()
  let gathering: { ids: Set<FileId>; asked: Promise<void> } | undefined

  async function ask(ids: FileId[]): Promise<void> {
    for (let at = 0; at < ids.length; at += LINKS_MAX) {
      const askedAt = clock.now()
      const reply = await api.fileLinks(ids.slice(at, at + LINKS_MAX))
      if (!reply.ok) continue
      for (const [id, link] of Object.entries(reply.links)) links.set(id as FileId, { link, until: askedAt + reply.expiresInMs })
    }
  }

  /** Of what a page before this one has chosen. */
  async function atHand(id: FileId): Promise<string | undefined> {
    const blob = links.has(id) ? undefined : await uploads.blob(id)
    if (blob && !local.has(id)) local.set(id, URL.createObjectURL(blob))
    return local.get(id)
  }

  async function addressOf(id: FileId, isLost = false): Promise<string | undefined> {
    const own = local.get(id) ?? (await atHand(id))
    if (own) return own
    if (isLost || (links.get(id)?.until ?? 0) <= clock.now()) {
      links.delete(id)
      if (!gathering) {
        const ids = new Set<FileId>()
        const asked = new Promise<void>((resolve) => void clock.after(GATHER_MS, resolve)).then(() => {
          gathering = undefined
          return ask([...ids])
        })
        gathering = { ids, asked }
      }
      gathering.ids.add(id)
      await gathering.asked
    }
    const found = links.get(id)
    return found && parts.origin + found.link
  }

  return {
    choose: async (file) => {
      if (file.size === 0) return { fault: 'empty' }
      if (file.size > FILE_MAX_BYTES) return { fault: 'tooBig' }
      const id = uuidv7(clock.now(), browserRandom.bytes) as FileId
      const pixels = await pixelsOf(file)
      uploads.choose(id, file)
      local.set(id, URL.createObjectURL(file))
      return { id, name: nameOf(file), type: file.type.slice(0, 100), size: file.size, ...pixels }
    },
    letGo: (id) => {
      uploads.letGo(id)
      const url = local.get(id)
      if (url) URL.revokeObjectURL(url)
      local.delete(id)
    },
    addressOf,
    handle: uploads.handle,
    holdsUnsaved: uploads.holdsUnsaved,
    close: () => {
      uploads.close()
      for (const url of local.values()) URL.revokeObjectURL(url)
    },
  }
}

/** What is pasted may have no name, and what is chosen one that can't be read. The end tells what it is, so the beginning gives way. */
function nameOf({ name, type }: File): string {
  const given = plainName(name) || `file${/^\w+\/(\w{1,5})$/.exec(type) ? `.${type.split('/')[1]}` : ''}`
  return plainName(given.slice(-FILE_NAME_MAX))
}

async function pixelsOf(file: File): Promise<{ width: number; height: number } | undefined> {
  if (!/^image\/(png|jpeg|gif|webp|avif)$/.test(file.type)) return undefined
  try {
    const picture = await createImageBitmap(file)
    const { width, height } = picture
    picture.close()
    return { width, height }
  } catch {
    return undefined
  }
}
