import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CONTENDERS, type Contender } from '#e2e/bench/contender.ts'
import { until } from '#e2e/bench/crowd.ts'
import type { Talk } from '#e2e/bench/dialect.ts'
import { percentile } from '#e2e/bench/figures.ts'
import { inParallel } from '#e2e/bench/inParallel.ts'
import { atMost, inTurns, medianOf, mediansOf, ratioOf, type Row, type Settings } from '#e2e/bench/row.ts'
import { scratchDir, startServer, type RunningServer } from '#e2e/bench/startServer.ts'

const CONVERSATIONS = 50
const MESSAGES_PER_S = 200
/** What an acknowledgement may take beyond its fsync. */
const ACK_MARGIN_MS = 5
const PAGE_BYTES = 4_096
const FSYNCS = 50

/** How long a message takes on a server that has time, from being sent to being seen by the other, and to being acknowledged. */
export async function latency(settings: Settings): Promise<Row> {
  const couples = [await pairsWithClock(CONTENDERS.ours), await pairsWithClock(CONTENDERS.bare)]
  const rounds = await inTurns(couples, settings, async ({ measure }) => {
    const fsyncMs = oneFsyncMs()
    return { ...(await measure(settings.quick ? 1_000 : 5_000)), fsyncMs }
  })
  for (const { server } of couples) await server.kill()

  const fsyncMs = medianOf(rounds, 'ours', 'fsyncMs')
  return {
    name: 'latency',
    what:
      `At ${MESSAGES_PER_S} messages/s, spread evenly over ${CONVERSATIONS} two-person conversations: from sending to the other's socket (seen) ` +
      'and to the acknowledgement (ack), median over the rounds of each percentile. bare stores nothing. fsyncMs: median of one page written and synced.',
    rounds: settings.rounds,
    figures: mediansOf(rounds),
    goals: [
      atMost(5, 'seen p50, ours / bare', ratioOf(rounds, 'seenP50Ms', 'ours', 'bare')),
      atMost(3, 'seen p99, ours / bare', ratioOf(rounds, 'seenP99Ms', 'ours', 'bare')),
      atMost(fsyncMs + ACK_MARGIN_MS, `ack p99 in ms (one fsync + ${ACK_MARGIN_MS})`, medianOf(rounds, 'ours', 'ackP99Ms')),
    ],
  }
}

type Couples = { name: string; server: RunningServer; measure: (forMs: number) => Promise<Record<string, number>> }

/** Pairs whose messages carry the moment they were sent; writer and reader share this process and its clock. */
async function pairsWithClock(contender: Contender): Promise<Couples> {
  const { dialect, name } = contender
  const server = await startServer(contender)
  const people = await dialect.people(server.port, CONVERSATIONS * 2)
  let seen: number[] = []
  let acked: number[] = []
  const onBodies = (bodies: string[]): void => {
    const now = performance.now()
    for (const body of bodies) seen.push(now - Number.parseFloat(body))
  }
  const writers = await inParallel(10, people.slice(0, CONVERSATIONS), async (writer, i): Promise<{ talk: Talk; room: string }> => {
    const reader = people[CONVERSATIONS + i]!
    const room = await dialect.pair(server.port, writer, reader)
    await dialect.connect(server.port, reader, { rooms: [room], onBodies })
    return { room, talk: await dialect.connect(server.port, writer, { rooms: [room] }) }
  })

  const measure = async (forMs: number): Promise<Record<string, number>> => {
    seen = []
    acked = []
    const count = (forMs / 1000) * MESSAGES_PER_S
    const start = performance.now()
    for (let i = 0; i < count; i++) {
      const early = start + (i / MESSAGES_PER_S) * 1000 - performance.now()
      if (early > 0) await pause(early)
      const { talk, room } = writers[i % CONVERSATIONS]!
      const sentAt = performance.now()
      talk.post(room, [`${sentAt} See you at the corner at seven.`], () => acked.push(performance.now() - sentAt))
    }
    await until(() => seen.length >= count && acked.length >= count, `${name}: all ${count} messages seen and acknowledged`)
    return {
      seenP50Ms: percentile(seen, 0.5),
      seenP99Ms: percentile(seen, 0.99),
      ackP50Ms: percentile(acked, 0.5),
      ackP99Ms: percentile(acked, 0.99),
    }
  }
  return { name, server, measure }
}

/** What the disk takes to make one page durable, at this moment. */
function oneFsyncMs(): number {
  const file = openSync(join(scratchDir(), 'fsync'), 'w')
  const page = Buffer.alloc(PAGE_BYTES, 1)
  const took = Array.from({ length: FSYNCS }, () => {
    writeSync(file, page)
    const start = performance.now()
    fdatasyncSync(file)
    return performance.now() - start
  })
  closeSync(file)
  return percentile(took, 0.5)
}
