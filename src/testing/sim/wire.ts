import type { Code } from '#protocol/codes.ts'
import type { PushName, RequestName } from '#protocol/events.ts'
import type { Socket, SocketEvents, Transport } from '#client/live/ports.ts'
import type { ChatSocket } from '#server/socket/live.ts'
import type { VirtualClock } from '#testing/virtualClock.ts'

const PING_EVERY_MS = 10_000
const PING_PATIENCE_MS = 20_000

/** One direction of a line: in order, late, and sometimes not at all. */
type Lane = { latest: number; isFrozen: boolean; held: (() => void)[] }

export type Wire = {
  /** Both ends notice at once. What was on its way is lost. */
  cut: () => void
  /** Nothing travels this way until it is thawed, and nobody notices. */
  freeze: (way: 'up' | 'down' | 'both') => void
  thaw: () => void
  isOpen: () => boolean
  /** What the server holds of it, once it let the client in. */
  socket: () => ChatSocket | undefined
  client: Socket
}

export type WireParts = {
  clock: VirtualClock
  newId: () => string
  /** The longest way from one side to the other, right now. */
  travelMs: () => number
  /** The transport that gets through; undefined when the dial is swallowed. */
  transport: Transport | undefined
  auth: object
  events: SocketEvents
  /** A node, unless none is up. */
  node:
    | {
        handshake: (socket: ChatSocket, next: (error?: Error) => void) => void
        connected: (socket: ChatSocket) => void
        rooms: Rooms
      }
    | undefined
  /** Something travelled: for the record. */
  seen: (name: string, body: unknown, way: 'up' | 'down') => void
  ended: () => void
}

/** The rooms of one node, as Socket.IO keeps them. */
export class Rooms {
  readonly #members = new Map<string, Set<WireSocket>>()
  join(room: string, socket: WireSocket): void {
    const members = this.#members.get(room) ?? new Set()
    this.#members.set(room, members.add(socket))
  }
  leave(room: string, socket: WireSocket): void {
    this.#members.get(room)?.delete(socket)
  }
  in(rooms: readonly string[]): Set<WireSocket> {
    return new Set(rooms.flatMap((room) => [...(this.#members.get(room) ?? [])]))
  }
}

export type WireSocket = { rooms: Set<string>; emit: (name: string, body: unknown) => void; leave: (room: string) => void }

/** As much of Socket.IO's server as is used. */
export const ioOver = (rooms: Rooms) => ({
  local: {
    to: (names: string[]) => ({
      emit: (name: string, body: unknown) => {
        for (const socket of rooms.in(names)) socket.emit(name, body)
      },
    }),
  },
  in: (name: string) => ({
    socketsLeave: (room: string) => {
      for (const socket of rooms.in([name])) socket.leave(room)
    },
  }),
})

/** A connection from the dial to its end, with both of its ends and the way between them. */
export function openWire({ clock, newId, travelMs, transport, auth, events, node, seen, ended }: WireParts): Wire {
  const up: Lane = { latest: 0, isFrozen: false, held: [] }
  const down: Lane = { latest: 0, isFrozen: false, held: [] }
  let isClientGone = false
  let isServerGone = node === undefined
  let server: ReturnType<typeof serverSocket> | undefined
  let heardByServerAt = clock.now()
  let heardByClientAt = clock.now()
  const timers = new Set<() => void>()

  function later(ms: number, run: () => void): void {
    const stop = clock.after(ms, () => {
      timers.delete(stop)
      run()
    })
    timers.add(stop)
  }

  function travel(lane: Lane, arrive: () => void): void {
    if (lane.isFrozen) return void lane.held.push(arrive)
    lane.latest = Math.max(lane.latest, clock.now() + travelMs())
    clock.after(lane.latest - clock.now(), () => {
      if (lane.isFrozen) return void lane.held.push(arrive)
      if (lane === up ? isServerGone : isClientGone) return
      if (lane === up) heardByServerAt = clock.now()
      else heardByClientAt = clock.now()
      arrive()
    })
  }

  function clientLost(reason: string): void {
    if (isClientGone) return
    isClientGone = true
    events.lost(reason)
    end()
  }

  function serverLost(reason: string): void {
    if (isServerGone) return
    isServerGone = true
    server?.gone(reason)
    end()
  }

  function end(): void {
    if (!isClientGone || !isServerGone) return
    for (const stop of timers) stop()
    timers.clear()
    ended()
  }

  /** The heartbeats of both sides. */
  function beat(): void {
    if (!isServerGone) {
      if (clock.now() - heardByServerAt > PING_PATIENCE_MS) serverLost('ping timeout')
      else {
        travel(down, () => {
          events.heard()
          travel(up, () => server?.heartbeat())
        })
      }
    }
    if (!isClientGone && clock.now() - heardByClientAt > PING_PATIENCE_MS) clientLost('ping timeout')
    if (!isClientGone || !isServerGone) later(PING_EVERY_MS, beat)
  }

  const tell = (name: string, body: unknown) => {
    const frame = JSON.stringify(body)
    travel(down, () => {
      const read: unknown = JSON.parse(frame)
      seen(name, read, 'down')
      events.heard()
      events.pushed(name as PushName, read)
    })
  }

  const hangUpByServer = () => {
    if (isServerGone) return
    // What was said before is still on its way.
    travel(down, () => clientLost('transport close'))
    serverLost('transport close')
  }

  function arrivedAtServer(): void {
    if (!node) return
    const asking = serverSocket({ id: newId(), auth, transport: transport ?? 'websocket', rooms: node.rooms, tell, hangUp: hangUpByServer })
    server = asking
    travel(down, () => events.engineOpened(transport ?? 'websocket'))
    travel(up, () =>
      node.handshake(asking.socket, (error) => {
        if (isServerGone) return
        const refused = error && ((error as { data?: { code: Code; retryAfterMs?: number } }).data ?? { code: 'E_INTERNAL' as const })
        if (refused) {
          travel(down, () => {
            isClientGone = true
            events.refused(refused.code, refused.retryAfterMs ?? 0)
          })
          return serverLost('refused')
        }
        node.connected(asking.socket)
        travel(down, events.connected)
        beat()
      }),
    )
  }

  if (!node) later(travelMs(), () => !isClientGone && events.failed('refused'))
  else if (transport) travel(up, arrivedAtServer)

  return {
    cut: () => {
      isServerGone ||= !server
      clock.after(1, () => clientLost('transport close'))
      clock.after(2, () => serverLost('transport close'))
      up.isFrozen = down.isFrozen = true
      up.held = down.held = []
    },
    freeze: (way) => {
      if (way !== 'down') up.isFrozen = true
      if (way !== 'up') down.isFrozen = true
    },
    thaw: () => {
      for (const lane of [up, down]) {
        const { held } = lane
        lane.isFrozen = false
        lane.held = []
        for (const arrive of held) travel(lane, arrive)
      }
    },
    isOpen: () => !isClientGone && !isServerGone && server !== undefined,
    socket: () => (isServerGone ? undefined : server?.socket),
    client: {
      request: (name: RequestName, payload, answered) => {
        const frame = JSON.stringify(payload)
        seen(name, payload, 'up')
        travel(up, () =>
          server?.arrived(name, JSON.parse(frame), (reply) => {
            const answer = JSON.stringify(reply)
            travel(down, () => {
              const read: unknown = JSON.parse(answer)
              seen(`${name} answered`, read, 'down')
              events.heard()
              answered(read)
            })
          }),
        )
      },
      signal: (name, payload) => travel(up, () => server?.arrived(name, payload, () => {})),
      bufferedBytes: () => 0,
      close: () => {
        if (isClientGone) return
        isClientGone = true
        travel(up, () => serverLost('transport close'))
        // Nobody may be there to notice, or the way may be frozen: then the heartbeat does.
        if (!server) isServerGone = true
        end()
      },
    },
  }
}

type Middleware = (packet: unknown[], next?: (error?: Error) => void) => void

/** The server's end of a connection, as the reception sees it. */
function serverSocket(parts: {
  id: string
  auth: object
  transport: Transport
  rooms: Rooms
  tell: (name: string, body: unknown) => void
  hangUp: () => void
}) {
  const { rooms, tell, hangUp } = parts
  const handlers = new Map<string, (reason: string) => void>()
  const engineHandlers = new Map<string, () => void>()
  let middleware: Middleware = () => {}
  const joined = new Set<string>()
  const socket = {
    id: parts.id,
    data: {},
    connected: true,
    rooms: joined,
    handshake: { auth: parts.auth, headers: {} },
    request: { socket: { remoteAddress: '127.0.0.1' }, headers: {} },
    conn: {
      transport: { name: parts.transport },
      readyState: 'open',
      writeBuffer: [],
      request: null,
      on: (name: string, handler: () => void) => void engineHandlers.set(name, handler),
      close: hangUp,
    },
    emit: tell,
    use: (use: Middleware) => {
      middleware = use
    },
    on: (name: string, handler: (reason: string) => void) => void handlers.set(name, handler),
    join: (names: string | string[]) => {
      for (const room of [names].flat()) {
        joined.add(room)
        rooms.join(room, socket)
      }
    },
    leave: (room: string) => {
      joined.delete(room)
      rooms.leave(room, socket)
    },
    volatile: {
      to: (room: string) => ({
        except: (others: string) => ({
          emit: (name: string, body: unknown) => {
            const left = rooms.in([others])
            for (const other of rooms.in([room])) if (other !== socket && !left.has(other)) other.emit(name, body)
          },
        }),
      }),
    },
  }
  return {
    socket: socket as unknown as ChatSocket,
    arrived: (name: string, body: unknown, answer: (reply: unknown) => void) => middleware([name, body, answer]),
    heartbeat: () => engineHandlers.get('heartbeat')?.(),
    gone: (reason: string) => {
      handlers.get('disconnecting')?.(reason)
      socket.connected = false
      for (const room of joined) rooms.leave(room, socket)
      handlers.get('disconnect')?.(reason)
    },
  }
}
