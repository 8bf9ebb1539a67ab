import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { afterRealTime } from '#server/edge/realTime.ts'
import { TIMING } from '#server/edge/timing.ts'
import { makeConnections } from './connections.ts'
import { keepHouse } from './housekeeping.ts'
import type { Live } from './live.ts'
import type { SocketEdge } from './socketEdge.ts'

let stop = () => {}
beforeEach(() => vi.useFakeTimers({ now: 0 }))
afterEach(() => {
  stop()
  vi.useRealTimers()
})

/** A connection whose transport says nothing by itself: what a ghost is. */
function connection(name: string) {
  const closed: boolean[] = []
  const socket = { id: name, connected: true, conn: { writeBuffer: [], close: (discard: boolean) => closed.push(discard) } }
  const live = {
    socket,
    who: { user: name, session: name, device: name, tab: name },
    stage: 'active',
    token: { issuedAt: 0, expiresAt: Number.MAX_SAFE_INTEGER, warned: false },
    lastHeartbeat: 0,
  } as unknown as Live
  return { live, closed }
}

function house(pingIntervalMs: number, pingTimeoutMs: number) {
  const connections = makeConnections()
  const left: [string, string][] = []
  const logged: unknown[] = []
  const edge = {
    timing: TIMING,
    after: afterRealTime,
    config: { PING_INTERVAL_MS: pingIntervalMs, PING_TIMEOUT_MS: pingTimeoutMs },
    core: { now: () => Date.now() },
    connections,
    presence: { left: (live: Live, why: string) => left.push([live.socket.id, why]) },
    log: { info: (line: { event: string; socketId: string }) => logged.push([line.event, line.socketId]) },
  } as unknown as SocketEdge
  stop = keepHouse(edge)
  return { connections, left, logged }
}

describe('the sweep for ghosts', () => {
  it('removes who showed no heartbeat for a minute, and lets alone who is idle but alive', () => {
    const { connections, left, logged } = house(10_000, 10_000)
    const [idle, ghost] = [connection('idle'), connection('ghost')]
    for (const { live } of [idle, ghost]) connections.add(live)
    for (let passed = 0; passed < 180_000; passed += 10_000) {
      vi.advanceTimersByTime(10_000)
      idle.live.lastHeartbeat = Date.now()
    }
    expect([...connections.all()]).toEqual([idle.live])
    expect(ghost.closed).toEqual([true])
    expect(idle.closed).toEqual([])
    expect(left).toEqual([['ghost', 'lost']])
    expect(logged).toEqual([['socket_stale', 'ghost']])
  })

  it('takes nobody for a ghost who may still answer the last heartbeat', () => {
    const { connections } = house(60_000, 60_000)
    const slow = connection('slow')
    connections.add(slow.live)
    vi.advanceTimersByTime(239_000)
    expect(connections.count()).toBe(1)
    vi.advanceTimersByTime(242_000)
    expect(connections.count()).toBe(0)
  })
})
