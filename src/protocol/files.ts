import * as z from 'zod/mini'
import { FileId } from './ids.ts'
import { FILE_NAME_MAX, FILES_MAX } from './limits.ts'

/*
 * Files of messages. A file is uploaded on its own (`/api/files`, the tus protocol: resumable), under an id that its owner's browser has made;
 * then a message names it. It goes with its message.
 */

const Count = z.int().check(z.positive())

/** What is known of a file. `width` and `height` in pixels: it is a picture that browsers show. */
export const FileFacts = z.object({
  id: FileId,
  name: z.string().check(z.minLength(1), z.maxLength(FILE_NAME_MAX)),
  /** As its owner's browser called it, e.g. `image/png`; empty where it did not know. */
  type: z.string().check(z.maxLength(100)),
  /** In bytes. */
  size: Count,
  width: z.optional(Count),
  height: z.optional(Count),
})
export type FileFacts = z.infer<typeof FileFacts>

/** Of one message, in the order in which they were chosen. */
export const Files = z.array(FileFacts).check(z.minLength(1), z.maxLength(FILES_MAX))
