import { type Socket, connect, createServer } from 'node:net'
import { type Lane, type Travel, openLane } from './lane.ts'
import { type FrameJudge, frameStream } from './wsFrames.ts'

/** `up` is what the client says, `down` what the server says. */
export type Direction = 'up' | 'down'

/**
 * A TCP line to a server that can be made to fail. Conditions hold for open and new connections, add up, and end with `pass()`;
 * what was frozen or delayed then goes on where it stood.
 */
export type Line = {
  port: number
  /** Of the line, on 127.0.0.1. */
  url: string
  /** A healthy line again: lifts every condition. */
  pass: () => void
  /** Resets every connection now; new ones are welcome. */
  cut: () => void
  /** Resets every connection now and every new one. */
  refuse: () => void
  /** Carries nothing, in one direction or both, and keeps every connection open: the half-open line. */
  freeze: (what?: Direction | 'both') => void
  /** Freezes what is open now, for ever; new connections are as they were: a change of network. */
  strand: () => void
  /** Each way takes this much longer. Jitter never reorders. */
  delay: (ms: number, jitterMs?: number) => void
  /** Each way of each connection carries no more than this, or only one of them. */
  bandwidth: (bytesPerSecond: number, what?: Direction | 'both') => void
  /** Answers WebSocket upgrades with a status, as a proxy that knows none does. Other requests pass. */
  refuseUpgrades: (status?: number) => void
  /** Never answers WebSocket upgrades. Other requests pass. */
  swallowUpgrades: () => void
  /** Loses the next `times` WebSocket text frames that match. Resolves when the last of them is lost. */
  dropFrames: (direction: Direction, matches: (text: string) => boolean, times?: number) => Promise<void>
  /** Open now. */
  readonly connections: number
  readonly counters: Readonly<Counters>
  close: () => Promise<void>
}

type Counters = { accepted: number; refused: number; resets: number; bytesUp: number; bytesDown: number; framesDropped: number }

type Loss = { direction: Direction; matches: (text: string) => boolean; left: number; done: () => void }

type Connection = { client: Socket; server: Socket; lanes: Lane[]; isStranded: boolean }

const UNHINDERED: Travel = { delayMs: 0, jitterMs: 0, bytesPerSecond: Infinity }

const UPGRADE = /^upgrade:\s*websocket\s*$/im

export async function openLine({ to, random = Math.random }: { to: { host: string; port: number }; random?: () => number }): Promise<Line> {
  const travel: Record<Direction, Travel> = { up: { ...UNHINDERED }, down: { ...UNHINDERED } }
  const frozen = { up: false, down: false }
  const counters: Counters = { accepted: 0, refused: 0, resets: 0, bytesUp: 0, bytesDown: 0, framesDropped: 0 }
  const open = new Set<Connection>()
  let refusing = false
  let upgrades: { name: 'pass' } | { name: 'refuse'; status: number } | { name: 'swallow' } = { name: 'pass' }
  let losses: Loss[] = []

  const judge =
    (direction: Direction): FrameJudge =>
    (text) => {
      const loss = losses.find((one) => one.direction === direction && one.matches(text))
      if (!loss) return 'pass'
      counters.framesDropped++
      loss.left--
      if (loss.left === 0) {
        losses = losses.filter((one) => one !== loss)
        loss.done()
      }
      return 'drop'
    }

  const listener = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    counters.accepted++
    client.on('error', () => {}) // a reset is an ordinary event on this line
    if (refusing) {
      counters.refused++
      client.resetAndDestroy()
      return
    }
    const server = connect({ ...to, allowHalfOpen: true, noDelay: true })
    server.on('error', () => {})
    const connection: Connection = { client, server, lanes: [], isStranded: false }
    open.add(connection)
    client.on('close', () => {
      open.delete(connection)
      connection.lanes.forEach((lane) => lane.stop())
      server.destroy()
    })

    const passBytes = (bytes: Buffer) => [bytes]
    let up: ((bytes: Buffer) => Buffer[]) | null = null
    let down: (bytes: Buffer) => Buffer[] = passBytes

    /** The first bytes tell what this connection is for; browsers never turn a used one into a WebSocket. */
    function filterUp(bytes: Buffer): Buffer[] {
      counters.bytesUp += bytes.length
      if (up) return up(bytes)
      const isUpgrade = UPGRADE.test(bytes.toString('latin1'))
      up = passBytes
      if (!isUpgrade) return [bytes]
      switch (upgrades.name) {
        case 'refuse':
          up = () => []
          client.end(`HTTP/1.1 ${upgrades.status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
          return []
        case 'swallow':
          up = () => []
          return []
        case 'pass':
          up = frameStream(judge('up')).push
          down = frameStream(judge('down')).push
          return up(bytes)
      }
    }
    function filterDown(bytes: Buffer): Buffer[] {
      counters.bytesDown += bytes.length
      return down(bytes)
    }
    connection.lanes = [
      openLane(client, server, { travel: travel.up, random, filter: filterUp, isFrozen: () => frozen.up || connection.isStranded }),
      openLane(server, client, { travel: travel.down, random, filter: filterDown, isFrozen: () => frozen.down || connection.isStranded }),
    ]
    wake()
  })

  const wake = () => open.forEach(({ lanes }) => lanes.forEach((lane) => lane.wake()))
  const reset = () => {
    for (const { client, server } of open) {
      counters.resets++
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
  }

  await new Promise<void>((done, fail) => listener.once('error', fail).listen(0, '127.0.0.1', done))
  const address = listener.address()
  if (address === null || typeof address === 'string') throw new Error('The line has no port.')

  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    pass() {
      for (const way of [travel.up, travel.down]) Object.assign(way, UNHINDERED)
      Object.assign(frozen, { up: false, down: false })
      refusing = false
      upgrades = { name: 'pass' }
      losses = []
      wake()
    },
    cut: reset,
    refuse() {
      refusing = true
      reset()
    },
    freeze(what = 'both') {
      if (what !== 'down') frozen.up = true
      if (what !== 'up') frozen.down = true
      wake()
    },
    strand() {
      for (const connection of open) connection.isStranded = true
      wake()
    },
    delay(ms, jitterMs = 0) {
      for (const way of [travel.up, travel.down]) Object.assign(way, { delayMs: ms, jitterMs })
    },
    bandwidth(bytesPerSecond, what = 'both') {
      if (what !== 'down') travel.up.bytesPerSecond = bytesPerSecond
      if (what !== 'up') travel.down.bytesPerSecond = bytesPerSecond
    },
    refuseUpgrades(status = 502) {
      upgrades = { name: 'refuse', status }
    },
    swallowUpgrades() {
      upgrades = { name: 'swallow' }
    },
    dropFrames: (direction, matches, times = 1) =>
      new Promise((done) => {
        losses.push({ direction, matches, left: times, done })
      }),
    get connections() {
      return open.size
    },
    counters,
    close: () =>
      new Promise((done) => {
        reset()
        listener.close(() => done())
      }),
  }
}
