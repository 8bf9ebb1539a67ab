type Segments = { /** Between the beginning and the frame. */ before?: number[]; /** Between the frame and the scan. */ after?: number[] }

/** The bytes of a baseline JPEG that says it has so many pixels (ITU-T T.81, annex B), with nothing to see, and segments of one's own. */
export function jpegBytes(width: number, height = width, { before = [], after = [] }: Segments = {}): Uint8Array {
  const pixels = (count: number) => [count >> 8, count & 0xff]
  const frame = [0xff, 0xc0, 0, 11, 8, ...pixels(height), ...pixels(width), 1, 1, 0x11, 0]
  const scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]
  return Uint8Array.from([0xff, 0xd8, ...before, ...frame, ...after, ...scan, 0, 0xff, 0xd9])
}

/** The same as base64. */
export const jpegOf = (width: number, height = width): string => Buffer.from(jpegBytes(width, height)).toString('base64')
