/** A marker and what it begins (ITU-T T.81, table B.1). */
const START_OF_IMAGE = 0xffd8
const BASELINE_FRAME = 0xffc0
const START_OF_SCAN = 0xffda
const isTable = (marker: number): boolean =>
  // Huffman and quantisation tables, the restart interval, what applications say, comments
  marker === 0xffc4 || marker === 0xffdb || marker === 0xffdd || (marker >= 0xffe0 && marker <= 0xffef) || marker === 0xfffe

/**
 * How many pixels a baseline JPEG has, or undefined where this is none. Stricter than decoders are: segment must follow segment without a
 * byte in between, with one frame before the first scan, so that none of them can be led to another size than the one that is read here.
 */
export function jpegSize(bytes: Uint8Array): { width: number; height: number } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 2 || view.getUint16(0) !== START_OF_IMAGE) return undefined
  let size: { width: number; height: number } | undefined
  for (let at = 2; at + 9 <= bytes.length; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at)
    if (marker === START_OF_SCAN) return size
    if (marker === BASELINE_FRAME && !size) size = { height: view.getUint16(at + 5), width: view.getUint16(at + 7) }
    else if (!isTable(marker)) return undefined
  }
  return undefined
}
