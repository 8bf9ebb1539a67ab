import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { isShown } from '#protocol/shownFiles.ts'
import { FileLinksRequest, type FileLinks as Links } from '#protocol/fileRequests.ts'
import { FileId } from '#protocol/ids.ts'
import { refusal } from '#protocol/reply.ts'
import { beginFile, demandUpload, fileFor, readableFiles, withdrawFile } from '#server/domain/files.ts'
import type { FileLinks } from '#server/edge/fileLinks.ts'
import { announced, type Uploads } from '#server/edge/uploads.ts'
import type { FileFolder } from '#server/storage/fileFolder.ts'
import { bodyOf, identityOf, shaped } from './asking.ts'
import type { HttpContext, HttpEdge, Routes } from './httpApp.ts'
import { demandPatience, HttpRefused } from './replies.ts'

/** Files leave this much of the disk to everything else. */
const ROOM_BYTES = 256 * 1024 * 1024

export type FileParts = { folder: FileFolder; uploads: Uploads; links: FileLinks }

/** Files of messages: uploaded by tus under `/api/files`, fetched under addresses that are signed. */
export function fileRoutes(edge: HttpEdge, { folder, uploads, links }: FileParts): Routes {
  const { core, config, limits } = edge
  const idOf = (c: HttpContext): FileId => shaped(FileId, c.req.param('id'))
  /** A part of an upload, or how far it is. */
  const goOn = async (c: HttpContext): Promise<Response> => {
    const file = await demandUpload(core, await identityOf(edge, c), idOf(c))
    if (file.completeAt === null) await uploads.finish(file)
    else if (c.req.raw.method !== 'HEAD') throw new HttpRefused(refusal('E_ID_CONFLICT'))
    return uploads.handle(c.req.raw)
  }

  return {
    '/api/files': {
      POST: async (c) => {
        const who = await identityOf(edge, c)
        const file = announced({ metadata: c.req.header('upload-metadata'), length: c.req.header('upload-length') })
        if (!file) throw new HttpRefused(refusal('E_INVALID', { detail: 'id, name or length of the file' }))
        if (file.size > config.LIMIT_FILE_BYTES) throw new HttpRefused(refusal('E_TOO_BIG', { detail: `more than ${config.LIMIT_FILE_BYTES} bytes` }))
        demandPatience(await limits.takeUpload(who.user))
        // what people write needs room on the same disk
        if ((await folder.freeBytes()) < file.size + ROOM_BYTES) throw new HttpRefused(refusal('E_STORAGE'))
        await beginFile(core, who, file, config.LIMIT_STORED_BYTES)
        return uploads.handle(c.req.raw)
      },
    },

    '/api/files/links': {
      POST: async (c) => {
        const who = await identityOf(edge, c)
        const files = await readableFiles(core, who, (await bodyOf(c, FileLinksRequest)).ids)
        const answer: Links = { links: Object.fromEntries(files.map((file) => [file.id, links.linkTo(file, who.user)])), expiresInMs: links.lifeMs }
        return c.json(answer)
      },
    },

    '/api/files/:id': {
      // Hono asks the handler of GET for HEAD
      GET: async (c) => {
        await identityOf(edge, c)
        if (c.req.raw.method !== 'HEAD') throw new HttpRefused(refusal('E_INVALID', { detail: 'HEAD only' }))
        return goOn(c)
      },
      PATCH: goOn,
      DELETE: async (c) => {
        await withdrawFile(core, await identityOf(edge, c), idOf(c))
        return c.json({})
      },
    },

    '/api/files/:id/:name': {
      GET: async (c) => {
        const id = idOf(c)
        const link = links.read(id, { user: c.req.query('for'), until: c.req.query('until'), key: c.req.query('key') })
        if (!link) throw new HttpRefused(refusal('E_FORBIDDEN', { detail: 'link' }))
        const file = await fileFor(core, link.user, id)
        const size = file && (await stat(folder.pathOf(id)).catch(() => undefined))?.size
        if (!file || size === undefined) throw new HttpRefused(refusal('E_NOT_FOUND'))

        const isSaved = c.req.query('save') !== undefined || !isShown(file.type)
        c.header('Content-Type', isShown(file.type) ? file.type : 'application/octet-stream')
        c.header('Content-Disposition', `${isSaved ? 'attachment' : 'inline'}; filename*=UTF-8''${encodeURIComponent(file.name)}`)
        c.header('Content-Security-Policy', "sandbox; default-src 'none'")
        c.header('Cross-Origin-Resource-Policy', 'same-origin')
        c.header('Cache-Control', `private, max-age=${Math.floor(link.goodForMs / 1000)}, immutable`)
        c.header('Accept-Ranges', 'bytes')
        const range = rangeOf(c.req.header('range'), size)
        if (range === 'none') {
          c.header('Content-Range', `bytes */${size}`)
          return c.body(null, 416)
        }
        const { from, to } = range ?? { from: 0, to: size - 1 }
        c.header('Content-Length', String(to - from + 1))
        if (range) c.header('Content-Range', `bytes ${from}-${to}/${size}`)
        const status = range ? 206 : 200
        if (c.req.raw.method === 'HEAD') return c.body(null, status)
        return c.body(Readable.toWeb(createReadStream(folder.pathOf(id), { start: from, end: to })) as ReadableStream, status)
      },
    },
  }
}

/** One range of bytes, as players ask for (RFC 9110, 14.1.2). Undefined: all of it. `none`: there is nothing such in it. */
function rangeOf(header: string | undefined, size: number): { from: number; to: number } | 'none' | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? []
  if (first === '' && last === '') return undefined
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const to = first === '' || last === '' ? size - 1 : Math.min(size - 1, Number(last))
  return from > to ? 'none' : { from, to }
}
