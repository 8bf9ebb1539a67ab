/** Decides about one text frame, as Engine.IO wrote it: `43…` is an acknowledgement, `42…` an event. */
export type FrameJudge = (text: string) => 'pass' | 'drop'

const HEAD_END = '\r\n\r\n'
const TEXT = 1
const FIN = 0x80
const COMPRESSED = 0x40
const MASKED = 0x80

/** One direction of a connection: raw bytes in, bytes to send on out. */
export type FrameStream = { push: (bytes: Buffer) => Buffer[] }

/** Passes the HTTP head on, then hands each whole text frame to `judge`. Other frames, fragments and compressed frames always pass. */
export function frameStream(judge: FrameJudge): FrameStream {
  let held: Buffer = Buffer.alloc(0)
  let afterHead = false

  return {
    push(bytes) {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes])
      const out: Buffer[] = []
      if (!afterHead) {
        const end = held.indexOf(HEAD_END)
        if (end < 0) return out
        out.push(held.subarray(0, end + HEAD_END.length))
        held = held.subarray(end + HEAD_END.length)
        afterHead = true
      }
      for (let frame = firstFrame(held); frame; frame = firstFrame(held)) {
        if (frame.text === null || judge(frame.text) === 'pass') out.push(held.subarray(0, frame.size))
        held = held.subarray(frame.size)
      }
      return out
    },
  }
}

/** The frame the bytes begin with, or null while it is not all there (RFC 6455, 5.2). */
function firstFrame(bytes: Buffer): { size: number; text: string | null } | null {
  if (bytes.length < 2) return null
  const [first = 0, second = 0] = bytes
  let length = second & 0x7f
  let at = 2
  if (length === 126) {
    if (bytes.length < 4) return null
    length = bytes.readUInt16BE(2)
    at = 4
  } else if (length === 127) {
    if (bytes.length < 10) return null
    length = Number(bytes.readBigUInt64BE(2))
    at = 10
  }
  const mask = (second & MASKED) === 0 ? null : bytes.subarray(at, at + 4)
  if (mask) at += 4
  const size = at + length
  if (bytes.length < size) return null

  const readable = (first & FIN) !== 0 && (first & COMPRESSED) === 0 && (first & 0x0f) === TEXT
  if (!readable) return { size, text: null }
  const payload = Buffer.from(bytes.subarray(at, size))
  if (mask) for (let i = 0; i < payload.length; i++) payload[i] = (payload[i] ?? 0) ^ (mask[i % 4] ?? 0)
  return { size, text: payload.toString('utf8') }
}
