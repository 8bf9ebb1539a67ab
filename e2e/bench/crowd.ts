import { setTimeout as pause } from 'node:timers/promises'
import type { Contender } from './contender.ts'
import type { Talk } from './dialect.ts'
import { inParallel } from './inParallel.ts'
import { startServer, type RunningServer } from './startServer.ts'

/** Writers of one server who always have the same number of messages under way, and what came of it. */
export type Crowd = {
  name: string
  server: RunningServer
  /** Lets everybody write for so long; resolves when everything is acknowledged and has arrived, or throws when something is missing. */
  write: (forMs: number) => Promise<Record<string, number>>
  close: () => Promise<void>
}

type Writer = { talk: Talk; room: string }

/** One of `bodyOf`'s texts is about as long as what people write. */
const TEXT = 'See you at the corner at seven, and bring the map if you can find it.'
const ARRIVES_WITHIN_MS = 5_000
const CONNECT_AT_ONCE = 50

/**
 * @param inFlight messages each writer has under way at any time
 * @param deliveries how many people must hear each message
 */
export function makeCrowd(parts: {
  name: string
  server: RunningServer
  writers: Writer[]
  inFlight: number
  deliveries: number
  say: 'post' | 'shout'
  /** Bodies heard since the start, by those who count. */
  heard: () => number
  close: () => Promise<void>
}): Crowd {
  const { name, server, writers, inFlight, deliveries, say, heard, close } = parts
  let acknowledged = 0
  let number = 0

  const write = async (forMs: number): Promise<Record<string, number>> => {
    const before = { acknowledged, heard: heard(), number, at: performance.now(), server: await server.read(), own: process.cpuUsage() }
    let isOver = false
    const turns = writers.map(
      ({ talk, room }) =>
        new Promise<void>((done) => {
          let open = 0
          const next = (count: number): void => {
            open += count
            talk[say](
              room,
              Array.from({ length: count }, () => `${number++} ${TEXT}`),
              (some) => {
                acknowledged += some
                open -= some
                if (!isOver) next(some)
                else if (open === 0) done()
              },
            )
          }
          next(inFlight)
        }),
    )
    await pause(forMs)
    const seconds = (performance.now() - before.at) / 1000
    const stored = acknowledged - before.acknowledged
    const delivered = heard() - before.heard
    const own = process.cpuUsage(before.own)
    const reading = await server.read()
    const serverMs = reading.atMs - before.server.atMs
    isOver = true
    await Promise.all(turns)
    await until(() => heard() - before.heard >= (number - before.number) * deliveries, `${name}: everything written is heard`)
    if (heard() - before.heard > (number - before.number) * deliveries) throw new Error(`${name}: something was heard twice`)
    return {
      messagesPerS: stored / seconds,
      deliveriesPerS: delivered / seconds,
      // by the server's own clock: a server that blocks answers late
      commitsPerS: ((reading.commits - before.server.commits) / serverMs) * 1000,
      serverCores: (reading.cpuMs - before.server.cpuMs) / serverMs,
      // processor time, which a busy neighbour changes less than everything else here
      serverUsPerMessage: ((reading.cpuMs - before.server.cpuMs) * 1000) / stored,
      generatorCores: (own.user + own.system) / 1e6 / seconds,
    }
  }
  return { name, server, write, close }
}

/** Fifty pairs, or so many: in each, one writes and the other listens. */
export async function pairsAt(contender: Contender, pairs: number, inFlight: number): Promise<Crowd> {
  const server = await startServer(contender)
  const { dialect, name } = contender
  const people = await dialect.people(server.port, pairs * 2)
  let heard = 0
  const onBodies = (bodies: string[]): void => void (heard += bodies.length)
  const couples = await inParallel(CONNECT_AT_ONCE, people.slice(0, pairs), async (writer, i) => {
    const listener = people[pairs + i]!
    const room = await dialect.pair(server.port, writer, listener)
    const [talk, ear] = [
      await dialect.connect(server.port, writer, { rooms: [room] }),
      await dialect.connect(server.port, listener, { rooms: [room], onBodies }),
    ]
    return { talk, room, ear }
  })
  return makeCrowd({
    name,
    server,
    writers: couples,
    inFlight,
    deliveries: 1,
    say: 'post',
    heard: () => heard,
    close: async () => {
      for (const { talk, ear } of couples) [talk, ear].forEach((one) => one.close())
      await server.kill()
    },
  })
}

/** One room full of people who all listen; some of them write. */
export async function roomAt(contender: Contender, size: number, writers: number): Promise<Crowd> {
  const server = await startServer(contender)
  const { dialect, name } = contender
  const people = await dialect.people(server.port, size)
  let heard = 0
  const onBodies = (bodies: string[]): void => void (heard += bodies.length)
  const talks = await inParallel(CONNECT_AT_ONCE, people, (person) => dialect.connect(server.port, person, { rooms: [dialect.room], onBodies }))
  return makeCrowd({
    name,
    server,
    writers: talks.slice(0, writers).map((talk) => ({ talk, room: dialect.room })),
    inFlight: 1,
    deliveries: size,
    say: 'shout',
    heard: () => heard,
    close: async () => {
      for (const talk of talks) talk.close()
      await server.kill()
    },
  })
}

export async function until(holds: () => boolean, what: string, withinMs = ARRIVES_WITHIN_MS): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`not reached within ${withinMs} ms: ${what}`)
    await pause(5)
  }
}
