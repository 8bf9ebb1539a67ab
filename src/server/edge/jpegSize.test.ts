import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jpegBytes } from '#testing/jpeg.ts'
import { jpegSize } from './jpegSize.ts'

const JFIF = [0xff, 0xe0, 0, 16, ...Buffer.from('JFIF\0'), 1, 1, 0, 0, 1, 0, 1, 0, 0]
const COMMENT = [0xff, 0xfe, 0, 7, ...Buffer.from('hello')]
const FRAME_OF_20000 = [0xff, 0xc0, 0, 11, 8, 0x4e, 0x20, 0x4e, 0x20, 1, 1, 0x11, 0]

describe('the size of a JPEG', () => {
  it('is that of its frame, whatever else is said before and after', () => {
    expect(jpegSize(jpegBytes(640, 480))).toEqual({ width: 640, height: 480 })
    expect(jpegSize(jpegBytes(256, 255, { before: [...JFIF, ...COMMENT], after: COMMENT }))).toEqual({ width: 256, height: 255 })
  })

  it.each([
    // a decoder passes over any number of 0xff before a marker; who counts differently reads another frame than it does
    ['has bytes to fill before its frame', jpegBytes(1, 1, { before: [0xff, ...FRAME_OF_20000] })],
    ['has something between two segments', jpegBytes(1, 1, { before: [...COMMENT, 0, ...FRAME_OF_20000] })],
    ['has two frames', jpegBytes(1, 1, { after: FRAME_OF_20000 })],
    ['is progressive', Uint8Array.from(jpegBytes(1), (byte, at) => (at === 3 ? 0xc2 : byte))],
    ['has another picture inside', jpegBytes(1, 1, { before: [0xff, 0xd8] })],
    ['has a segment without a length', jpegBytes(1, 1, { before: [0xff, 0xfe, 0, 0] })],
    ['ends before it says anything', jpegBytes(1).subarray(0, 15)],
    ['is a scan without a frame', Uint8Array.from([0xff, 0xd8, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0])],
    ['is empty', new Uint8Array()],
  ])('is not known where it %s', (_, bytes) => {
    expect(jpegSize(bytes)).toBeUndefined()
  })

  it('is asked of any bytes without harm', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        jpegSize(Uint8Array.from([0xff, 0xd8, ...bytes]))
        jpegSize(jpegBytes(1, 1, { before: [...bytes] }))
      }),
      { numRuns: 2_000 },
    )
  })
})
