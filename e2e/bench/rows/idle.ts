import { setTimeout as pause } from 'node:timers/promises'
import { CONTENDERS, type Contender } from '#e2e/bench/contender.ts'
import type { Person } from '#e2e/bench/dialect.ts'
import { inParallel } from '#e2e/bench/inParallel.ts'
import { atLeast, atMost, inTurns, mediansOf, ratioOf, type Row, type Settings } from '#e2e/bench/row.ts'
import { scratchDir, startServer } from '#e2e/bench/startServer.ts'

const CONNECTIONS = 5_000
const QUICK_CONNECTIONS = 500
/** Dials under way at any time; below what makes the server ask for patience. */
const DIALS_AT_ONCE = 100
/** Presence and statistics of the arrivals are told before the memory is read. */
const SETTLE_MS = 1_000

/** What a connection costs that does nothing, and how quickly they come. A fresh process for every contender and round. */
export async function idle(settings: Settings): Promise<Row> {
  const connections = settings.quick ? QUICK_CONNECTIONS : CONNECTIONS
  const houses = [await houseOf(CONTENDERS.ours, connections), await houseOf(CONTENDERS.bare, connections)]

  const rounds = await inTurns(houses, { ...settings, warmUp: false }, async ({ contender, dir, people }) => {
    const server = await startServer(contender, { dir })
    const before = await server.readSettled()
    const start = performance.now()
    const talks = await inParallel(DIALS_AT_ONCE, people, (person) => contender.dialect.connect(server.port, person, { rooms: [] }))
    const seconds = (performance.now() - start) / 1000
    await pause(SETTLE_MS)
    const after = await server.readSettled()
    for (const talk of talks) talk.close()
    await server.kill()
    const perConnection = (key: 'rss' | 'heapUsed'): number => (after[key] - before[key]) / 1024 / connections
    return { rssKiBEach: perConnection('rss'), heapKiBEach: perConnection('heapUsed'), connectsPerS: connections / seconds }
  })

  return {
    name: 'idle',
    what:
      `${connections} connections that do nothing: growth of the server process per connection after garbage collection (rss, heap), and connections/s ` +
      `with ${DIALS_AT_ONCE} dials at once until live. Ours: a session each, token verified, hello answered. bare: the namespace joined.`,
    rounds: settings.rounds,
    figures: mediansOf(rounds),
    goals: [
      atMost(1.3, 'memory each, ours / bare', ratioOf(rounds, 'rssKiBEach', 'ours', 'bare')),
      atLeast(0.5, 'connects/s, ours / bare', ratioOf(rounds, 'connectsPerS', 'ours', 'bare')),
    ],
  }
}

type House = { name: string; contender: Contender; dir: string; people: Person[] }

/** A data directory in which everybody has a session already. */
async function houseOf(contender: Contender, count: number): Promise<House> {
  const dir = scratchDir()
  const server = await startServer(contender, { dir })
  const people = await contender.dialect.people(server.port, count)
  await server.kill()
  return { name: contender.name, contender, dir, people }
}
