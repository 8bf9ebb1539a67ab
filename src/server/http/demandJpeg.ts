import { disableTypes, imageSize, types } from 'image-size'
import { PICTURE_MAX_PIXELS } from '#protocol/limits.ts'
import { refusal } from '#protocol/reply.ts'
import { HttpRefused } from './replies.ts'

// of everything the library can read, what is never asked for can't be fooled
disableTypes(types.filter((type) => type !== 'jpg'))

/** Ends the request where this is no JPEG, as base64, or one that would take somebody else's browser more memory than a picture of a person should. */
export function demandJpeg(base64: string): void {
  const size = sizeOf(Buffer.from(base64, 'base64'))
  if (!size) throw new HttpRefused(refusal('E_INVALID', { detail: 'jpeg: not a JPEG' }))
  if (Math.max(size.width, size.height) > PICTURE_MAX_PIXELS) throw new HttpRefused(refusal('E_TOO_BIG'))
}

function sizeOf(bytes: Uint8Array): { width: number; height: number } | undefined {
  try {
    return imageSize(bytes)
  } catch {
    return undefined
  }
}
