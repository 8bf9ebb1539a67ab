import { setTimeout as pause } from 'node:timers/promises'
import { CONTENDERS } from '#e2e/bench/contender.ts'
import { until } from '#e2e/bench/crowd.ts'
import { percentile } from '#e2e/bench/figures.ts'
import { makeFollower } from '#e2e/bench/follower.ts'
import { inParallel } from '#e2e/bench/inParallel.ts'
import { atMost, inTurns, medianOf, mediansOf, ratioOf, type Row, type Settings } from '#e2e/bench/row.ts'
import { startServer, type RunningServer } from '#e2e/bench/startServer.ts'
import { RefusedRequest } from '#e2e/bench/tidemark.ts'
import { dial, type Wire } from '#e2e/bench/wire.ts'
import type { Contender } from '#e2e/bench/contender.ts'

const CLIENTS = 1_000
const QUICK_CLIENTS = 200
/** The new process is started early enough to answer this long after the kill, however long it takes to boot. */
const PORT_CLOSED_MS = 450
const BATCH = 5
/** Some of what is written last is stored by then, some acknowledged, and some neither. */
const KILLED_AFTER_MS = 25
const RETURNS_WITHIN_MS = 30_000
/** The client library's own: the first attempt after 0.5 to 1.5 s, doubled until 5 s. */
const DELAY_MS = 1_000
const DELAY_MAX_MS = 5_000
const HELLO_MAX_MS = 1_000

/** kill -9 and restart under a thousand clients: until all are back and nothing is missing. */
export async function storm(settings: Settings): Promise<Row> {
  const clients = settings.quick ? QUICK_CLIENTS : CLIENTS
  const crowds = [await tidemarkCrowd(clients), await bareCrowd(clients)]
  const rounds = await inTurns(crowds, { ...settings, warmUp: false }, (crowd) => crowd.strike())
  for (const crowd of crowds) await crowd.close()

  return {
    name: 'storm',
    what:
      `${clients} clients, the server killed (-9) and restarted, port closed about ${PORT_CLOSED_MS} ms, everybody redials as the client library does ` +
      '(0.5 to 1.5 s, doubling). Ours: from the kill until all said hello, pulled what they missed (live), and every message written around the kill is ' +
      'acknowledged and in both views exactly once and in order (converged); anything else fails the run. bare: until all are connected.',
    rounds: settings.rounds,
    figures: mediansOf(rounds),
    goals: [
      atMost(2, 'ours converged / bare reconnected', ratioOf(rounds, 'convergedMs', 'ours', 'bare')),
      atMost(HELLO_MAX_MS, 'hello p99 in ms', medianOf(rounds, 'ours', 'helloP99Ms')),
    ],
  }
}

type StormCrowd = { name: string; strike: () => Promise<Record<string, number>>; close: () => Promise<void> }

/** Calls `arrive` until it succeeds, with the delays of the client library. */
async function comeBack(arrive: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    await pause(Math.min(DELAY_MAX_MS, DELAY_MS * 2 ** attempt) * (0.5 + Math.random()))
    try {
      return await arrive()
    } catch (error) {
      if (error instanceof RefusedRequest) await pause(error.retryAfterMs ?? 0)
    }
  }
}

/** kill -9, and another process in its place; resolves when that one answers. */
async function replace(contender: Contender, old: RunningServer): Promise<{ server: RunningServer; closedMs: number }> {
  const start = performance.now()
  await old.kill()
  await pause(Math.max(0, PORT_CLOSED_MS - old.bootMs))
  const server = await startServer(contender, { port: old.port, dir: old.dir })
  return { server, closedMs: performance.now() - start }
}

async function bareCrowd(clients: number): Promise<StormCrowd> {
  const contender = CONTENDERS.bare
  let server = await startServer(contender)
  const { port } = server
  let back = 0
  const wires: Wire[] = []
  const arrive = async (i: number): Promise<void> => {
    wires[i] = await dial({ port, onLost: () => void comeBack(() => arrive(i)) })
    back++
  }
  await inParallel(50, Array.from({ length: clients }), (_, i) => arrive(i))

  return {
    name: contender.name,
    strike: async () => {
      back = 0
      const start = performance.now()
      const { server: next, closedMs } = await replace(contender, server)
      server = next
      await until(() => back === clients, `bare: ${clients} clients are back`, RETURNS_WITHIN_MS)
      return { convergedMs: performance.now() - start, portClosedMs: closedMs }
    },
    close: async () => {
      for (const wire of wires) wire.close()
      await server.kill()
    },
  }
}

async function tidemarkCrowd(clients: number): Promise<StormCrowd> {
  const contender = CONTENDERS.ours
  let server = await startServer(contender)
  const { port } = server
  const people = await contender.dialect.people(port, clients)
  let helloMs: number[] = []
  let live = 0
  const arrive = async (follower: ReturnType<typeof makeFollower>): Promise<void> => {
    const arrived = await follower.arrive(port)
    helloMs.push(arrived.helloMs)
    live++
  }
  const pairs = await inParallel(50, people.slice(0, clients / 2), async (writer, i) => {
    const reader = people[clients / 2 + i]!
    const conv = await contender.dialect.pair(port, writer, reader)
    const [ann, bob] = [writer, reader].map((person) => {
      const follower = makeFollower(person, conv, () => void comeBack(() => arrive(follower)))
      return follower
    }) as [ReturnType<typeof makeFollower>, ReturnType<typeof makeFollower>]
    await arrive(ann)
    await arrive(bob)
    return { ann, bob, written: [] as string[] }
  })

  const isConverged = ({ ann, bob, written }: (typeof pairs)[number]): boolean =>
    ann.unsettled.length === 0 && ann.view.length >= written.length && bob.view.length >= written.length

  return {
    name: contender.name,
    strike: async () => {
      for (const pair of pairs) {
        pair.ann.write(Array.from({ length: BATCH }, (_, i) => `before the storm ${i}`))
        pair.written.push(...pair.ann.unsettled.map((draft) => draft.clientId))
      }
      await pause(KILLED_AFTER_MS)
      live = 0
      helloMs = []
      const unacknowledged = pairs.filter(({ ann }) => ann.unsettled.length > 0).length
      const start = performance.now()
      const { server: next, closedMs } = await replace(contender, server)
      server = next
      await until(() => live === clients, `ours: ${clients} clients are live`, RETURNS_WITHIN_MS)
      const liveMs = performance.now() - start
      await until(() => pairs.every(isConverged), 'ours: every message is acknowledged and in both views', RETURNS_WITHIN_MS)
      const convergedMs = performance.now() - start
      for (const { ann, bob, written } of pairs) {
        for (const { view } of [ann, bob]) {
          if (view.join() !== written.join()) throw new Error(`a view differs from what was written: ${view.length} of ${written.length}`)
        }
      }
      return { convergedMs, liveMs, portClosedMs: closedMs, helloP99Ms: percentile(helloMs, 0.99), batchesInDoubt: unacknowledged }
    },
    close: async () => {
      for (const { ann, bob } of pairs) [ann, bob].forEach((follower) => follower.close())
      await server.kill()
    },
  }
}
