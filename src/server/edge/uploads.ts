import { stat } from 'node:fs/promises'
import { FileStore } from '@tus/file-store'
import { Metadata, Server } from '@tus/server'
import { imageSize } from 'image-size'
import { isPlainName } from '#protocol/fileNames.ts'
import { FileFacts } from '#protocol/files.ts'
import { isShown } from '#protocol/shownFiles.ts'
import { FILE_PIXELS_MAX } from '#protocol/limits.ts'
import { sentenceFor } from '#protocol/sentences.ts'
import type { Code } from '#protocol/codes.ts'
import type { FileId } from '#protocol/ids.ts'
import { completeFile } from '#server/domain/files.ts'
import type { Core } from '#server/domain/core.ts'
import type { FileFolder } from '#server/storage/fileFolder.ts'

/** How tus refuses: 409 a part from another place than where the file ends, 423 one while another is being written. To ask how far it is helps. */
const CODES = new Map<number, Code>([
  [404, 'E_NOT_FOUND'],
  [409, 'E_BUSY'],
  [410, 'E_NOT_FOUND'],
  [413, 'E_TOO_BIG'],
  [423, 'E_BUSY'],
])

export type Uploads = {
  handle: (request: Request) => Promise<Response>
  /** All of it came, and the server died before it could say so: that is made good. Harmless when it is not so. */
  finish: (file: Pick<FileFacts, 'id' | 'type' | 'size'>) => Promise<void>
}

/** Of a folder that is there. By itself it would make it, unawaited, and throw where nobody can catch it when that can't be done. */
// @ts-expect-error -- it is private there, and called by the constructor
class InFolder extends FileStore {
  override checkOrCreateDirectory(): void {}
}

/** The tus protocol (tus.io, 1.0.0) over a folder. Who may do what is decided before a request gets here. */
export function openUploads(core: Core, folder: FileFolder, maxBytes: number): Uploads {
  async function complete({ id, type }: Pick<FileFacts, 'id' | 'type'>): Promise<void> {
    await folder.sync(id)
    await completeFile(core, id, type.startsWith('image/') && isShown(type) ? pixelsOf(await folder.head(id)) : undefined)
  }
  const server = new Server({
    path: '/api/files',
    datastore: new InFolder({ directory: folder.dir }),
    maxSize: maxBytes,
    relativeLocation: true,
    // nobody else answers for origins but the app around this
    allowedOrigins: () => false,
    // the last word of the path, as those who decide about the request read it; nothing behind a question mark
    getFileIdFromRequest: (request) => new URL(request.url).pathname.split('/').at(-1),
    namingFunction: (_request, metadata) => metadata?.['id'] ?? '',
    onUploadFinish: async (_request, upload) => {
      await complete({ id: upload.id as FileId, type: upload.metadata?.['type'] ?? '' })
      return {}
    },
    onResponseError: (_request, error) => {
      const status = 'status_code' in error ? error.status_code : 500
      const code = CODES.get(status) ?? (status < 500 ? 'E_INVALID' : 'E_STORAGE')
      return { status_code: status, body: JSON.stringify({ code, message: sentenceFor(code) }) }
    },
  })
  return {
    handle: (request) => server.handleWeb(request),
    finish: async (file) => {
      const there = await stat(folder.pathOf(file.id)).catch(() => undefined)
      if (there?.size === file.size) await complete(file)
    },
  }
}

/** What a picture may take of somebody's memory, at four bytes each. */
const PICTURE_MAX_PIXELS = 50_000_000

/** What an upload is begun with: `id`, `name` and `type` in its metadata, and its length. Undefined: it is no file that a message may have. */
export function announced(headers: { metadata: string | undefined; length: string | undefined }): FileFacts | undefined {
  try {
    const { id, name, type } = Metadata.parse(headers.metadata)
    const read = FileFacts.safeParse({ id, name, type: type ?? '', size: Number(headers.length) })
    return read.success && isPlainName(read.data.name) ? read.data : undefined
  } catch {
    return undefined
  }
}

/** As it is seen, turned as its camera was; undefined where it is no picture that can be read. */
function pixelsOf(head: Uint8Array): { width: number; height: number } | undefined {
  try {
    const { width, height, orientation = 1 } = imageSize(head)
    if (!(width > 0 && width <= FILE_PIXELS_MAX && height > 0 && height <= FILE_PIXELS_MAX && width * height <= PICTURE_MAX_PIXELS)) return undefined
    // EXIF 5 to 8: on its side
    return orientation >= 5 ? { width: height, height: width } : { width, height }
  } catch {
    return undefined
  }
}
