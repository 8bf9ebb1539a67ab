import * as z from 'zod/mini'
import { FileId } from './ids.ts'
import { FILE_MAX_BYTES, FILE_NAME_MAX, FILE_PIXELS_MAX, FILES_MAX } from './limits.ts'

/*
 * Files of messages. A file is uploaded on its own (`/api/files`, the tus protocol: resumable), under an id that its owner's browser has made;
 * then a message names it. It goes with its message.
 */

const Pixels = z.int().check(z.positive(), z.maximum(FILE_PIXELS_MAX))

/** What is known of a file. `width` and `height` in pixels: it is a picture that browsers show. */
export const FileFacts = z.object({
  id: FileId,
  name: z.string().check(z.minLength(1), z.maxLength(FILE_NAME_MAX)),
  /** As its owner's browser called it, e.g. `image/png`; empty where it did not know. */
  type: z.string().check(z.maxLength(100)),
  /** In bytes. */
  size: z.int().check(z.positive(), z.maximum(FILE_MAX_BYTES)),
  width: z.optional(Pixels),
  height: z.optional(Pixels),
})
export type FileFacts = z.infer<typeof FileFacts>

/** Of one message, in the order in which they were chosen. */
export const Files = z.array(FileFacts).check(z.minLength(1), z.maxLength(FILES_MAX))
export const FileIds = z.array(FileId).check(
  z.minLength(1),
  z.maxLength(FILES_MAX),
  z.refine((ids) => new Set(ids).size === ids.length),
)

/** Where files of messages can be fetched, for a while, without a token: what an `<img>` needs. */
export const FileLinksRequest = z.object({ ids: z.array(FileId).check(z.minLength(1), z.maxLength(50)) })
/** Those that the asking person may read, by id. `expiresInMs`: for so long all of them are good. */
export const FileLinks = z.object({ links: z.record(FileId, z.string()), expiresInMs: z.int() })
export type FileLinks = z.infer<typeof FileLinks>

/** Types that a browser may show by itself; everything else is only ever saved. */
const SHOWN = /^(image\/(png|jpeg|gif|webp|avif)|video\/(mp4|webm)|audio\/(mpeg|mp4|ogg|wav|webm|aac|flac))$/
export const isShown = (type: string): boolean => SHOWN.test(type)

/** A picture that browsers show. */
export const isPicture = (file: Pick<FileFacts, 'type' | 'width' | 'height'>): file is FileFacts & { width: number; height: number } =>
  file.width !== undefined && file.height !== undefined && file.type.startsWith('image/') && isShown(file.type)
