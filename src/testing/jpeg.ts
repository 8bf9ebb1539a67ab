/** The beginning of a JPEG that says it has so many pixels (ITU-T T.81, annex B), with nothing to see. As base64. */
export function jpegOf(width: number, height = width): string {
  const size = (pixels: number) => [pixels >> 8, pixels & 0xff]
  const start = [0xff, 0xd8]
  const jfif = [0xff, 0xe0, 0, 16, ...Buffer.from('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0]
  const frame = [0xff, 0xc0, 0, 11, 8, ...size(height), ...size(width), 1, 1, 0x11, 0]
  return Buffer.from([...start, ...jfif, ...frame, 0xff, 0xd9]).toString('base64')
}
