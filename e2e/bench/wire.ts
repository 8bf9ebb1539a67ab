import { connect, type Socket } from 'node:net'

/**
 * A Socket.IO connection without a library: WebSocket, Engine.IO 4 and Socket.IO 5 as far as a load generator needs them. The client
 * library would be the limit long before any server is; all contenders are driven by this one alike.
 */
export type Wire = {
  emit: (name: string, payload: object) => void
  /** `answered` gets what the server acknowledged with. */
  ask: (name: string, payload: unknown, answered: (reply: unknown) => void) => void
  /** Resets the connection, so that no port has to rest afterwards. */
  close: () => void
}

export type Dial = {
  port: number
  auth?: object
  /** Text of the event as it came: `["name",{…}]`. */
  onPush?: (text: string) => void
  /** The server hung up, or is gone. */
  onLost?: () => void
}

const UPGRADE = [
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
  'Host: 127.0.0.1',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '',
  '',
].join('\r\n')

/** Resolves when the namespace is joined; rejects when the server is not there or refuses. */
export function dial({ port, auth, onPush, onLost }: Dial): Promise<Wire> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const waiting = new Map<number, (reply: unknown) => void>()
    let lastAsk = 0
    let isOpen = false

    const wire: Wire = {
      emit: (name, payload) => void socket.write(textFrame(`42${JSON.stringify([name, payload])}`)),
      ask: (name, payload, answered) => {
        const number = lastAsk++
        waiting.set(number, answered)
        socket.write(textFrame(`42${number}${JSON.stringify([name, payload])}`))
      },
      close: () => {
        socket.removeAllListeners('close')
        socket.resetAndDestroy()
      },
    }

    const hear = (packet: string): void => {
      if (packet.startsWith('42')) onPush?.(packet.slice(2))
      else if (packet.startsWith('43')) {
        const start = packet.indexOf('[')
        const number = Number(packet.slice(2, start))
        const answered = waiting.get(number)
        waiting.delete(number)
        answered?.((JSON.parse(packet.slice(start)) as unknown[])[0])
      } else if (packet === '2') socket.write(textFrame('3'))
      else if (packet.startsWith('0')) socket.write(textFrame(`40${auth ? JSON.stringify(auth) : ''}`))
      else if (packet.startsWith('40')) {
        isOpen = true
        resolve(wire)
      } else if (packet.startsWith('44')) socket.destroy(new Error(`refused: ${packet.slice(2)}`))
      else if (packet.startsWith('41')) socket.destroy()
    }

    socket.write(UPGRADE)
    readFrames(socket, hear)
    socket.on('error', reject)
    socket.on('close', () => {
      if (isOpen) onLost?.()
      else reject(new Error('the connection was closed before it was open'))
    })
  })
}

/** Calls `hear` with every text frame after the answer to the upgrade. Servers here never split a message over frames. */
function readFrames(socket: Socket, hear: (packet: string) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  let isUpgraded = false

  socket.on('data', (chunk: Buffer) => {
    let bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    if (!isUpgraded) {
      const end = bytes.indexOf('\r\n\r\n')
      if (end < 0) return void (rest = bytes)
      if (!bytes.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) return void socket.destroy(new Error('no WebSocket here'))
      isUpgraded = true
      bytes = bytes.subarray(end + 4)
    }
    // whatever is said in answer to this chunk leaves in one system call
    socket.cork()
    let at = 0
    for (let frame = frameAt(bytes, at); frame && !socket.destroyed; frame = frameAt(bytes, at)) {
      if (frame.opcode === 8) socket.destroy()
      else hear(bytes.toString('utf8', frame.from, frame.to))
      at = frame.to
    }
    socket.uncork()
    rest = bytes.subarray(at)
  })
}

function frameAt(bytes: Buffer, at: number): { opcode: number; from: number; to: number } | undefined {
  if (bytes.length < at + 2) return undefined
  const opcode = bytes[at]! & 0x0f
  const short = bytes[at + 1]!
  const from = at + (short < 126 ? 2 : short === 126 ? 4 : 10)
  if (bytes.length < from) return undefined
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2))
  return bytes.length < from + length ? undefined : { opcode, from, to: from + length }
}

/** Masked with zeros: clients must mask, and this way the text stays as it is. */
function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const head = length < 126 ? 6 : length < 65_536 ? 8 : 14
  const frame = Buffer.alloc(head + length)
  frame[0] = 0x81
  if (length < 126) frame[1] = 0x80 | length
  else if (length < 65_536) {
    frame[1] = 0x80 | 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 0x80 | 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  frame.write(text, head)
  return frame
}
