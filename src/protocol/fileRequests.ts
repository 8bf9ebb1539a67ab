import * as z from 'zod/mini'
import { FileId } from './ids.ts'
import { FILES_MAX } from './limits.ts'

/*
 * What is asked about files of messages. Apart from what is read of them, which the first load of a page carries.
 */

/** Files of a message that is sent. */
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
