import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FileFacts } from '#protocol/files.ts'

/** A link is good for this long at least, and for twice as long at most: all that are made within one such stretch are the same, and cached. */
const STRETCH_MS = 10 * 60_000

/** Addresses of files that need no token, because they are signed. Whoever has one may fetch the file until it ends: they are given to members only. */
export function makeFileLinks({ secret, now }: { secret: string; now: () => number }) {
  const keyOf = (id: string, until: string): Buffer => createHmac('sha256', secret).update(`file|${id}|${until}`).digest()
  return {
    /** For so long every link is good that is made from now on. */
    lifeMs: STRETCH_MS,
    linkTo: ({ id, name }: Pick<FileFacts, 'id' | 'name'>): string => {
      const until = String((Math.floor(now() / STRETCH_MS) + 2) * STRETCH_MS)
      return `/api/files/${id}/${encodeURIComponent(name)}?${new URLSearchParams({ until, key: keyOf(id, until).toString('base64url') }).toString()}`
    },
    /** For how many milliseconds more it is good; 0: it is not. */
    goodFor: (id: string, { until = '', key = '' }: { until?: string | undefined; key?: string | undefined }): number => {
      const given = Buffer.from(key, 'base64url')
      const expected = keyOf(id, until)
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 0
      return Math.max(0, Number(until) - now())
    },
  }
}
export type FileLinks = ReturnType<typeof makeFileLinks>
