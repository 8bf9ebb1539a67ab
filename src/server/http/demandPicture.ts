import { PICTURE_MAX_BYTES, PICTURE_MAX_PIXELS } from '#protocol/limits.ts'
import { refusal } from '#protocol/reply.ts'
import type { Identity } from '#server/domain/core.ts'
import { jpegSize } from '#server/edge/jpegSize.ts'
import type { HttpEdge } from './httpApp.ts'
import { demandPatience, HttpRefused } from './replies.ts'

/**
 * Ends the request where this is no JPEG, as base64, or one that would take more of somebody else's browser than a picture beside a name should,
 * and where this person has chosen too many lately.
 */
export async function demandPicture({ limits }: Pick<HttpEdge, 'limits'>, { user }: Pick<Identity, 'user'>, base64: string): Promise<void> {
  const bytes = Buffer.from(base64, 'base64')
  const size = jpegSize(bytes)
  if (!size) throw new HttpRefused(refusal('E_INVALID', { detail: 'jpeg: not a baseline JPEG' }))
  const fits = (pixels: number) => pixels >= 1 && pixels <= PICTURE_MAX_PIXELS
  if (!fits(size.width) || !fits(size.height) || bytes.length > PICTURE_MAX_BYTES)
    throw new HttpRefused(refusal('E_INVALID', { detail: `jpeg: more than ${PICTURE_MAX_PIXELS} pixels or ${PICTURE_MAX_BYTES} bytes` }))
  demandPatience(await limits.takePicture(user))
}
