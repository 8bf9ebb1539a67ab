import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openLine } from '#e2e/support/line.ts'
import { chanceFrom } from './chance.ts'
import { readDatabase } from './databaseRead.ts'
import { openSwarm } from './faults.ts'
import { openHistory } from './history.ts'
import { durationMs, messageLimit, type ClientsPlan, type FromClients, type Options, type ToClients } from './plan.ts'
import { startVictim } from './victim.ts'

const SETTLE_WITHIN_MS = 60_000
/** A run that takes this much longer than planned has got stuck. */
const MORE_MS = 300_000
const PAGE_ORIGIN = 'http://127.0.0.1:9'

/** One run: everything from the seed, the history into a file. Rejects when the run itself broke down; what the system did is in the history. */
export async function run(options: Options, { product, file }: { product: string; file: string }): Promise<void> {
  const history = openHistory(file)
  const reads = options.client === 'bad' ? (['db', 'live', 'http'] as const) : (['db', 'live', 'cold', 'http'] as const)
  history.add({ kind: 'run', ...options, reads: [...reads] })
  const server = await startVictim(
    {
      ORIGINS: PAGE_ORIGIN,
      LIMIT_MESSAGES: messageLimit(options),
      ACCESS_TOKEN_TTL_MS: '20000',
      PING_INTERVAL_MS: '1000',
      PING_TIMEOUT_MS: '2000',
      DRAIN_MS: '150',
    },
    history,
  )
  const chance = chanceFrom(options.seed, 'faults')
  const lines = await Promise.all(
    Array.from({ length: options.clients }, () => openLine({ to: server, random: chanceFrom(options.seed, 'jitter').unit })),
  )
  const writingMs = durationMs(options)
  const plan: ClientsPlan = { ...options, urls: lines.map((line) => line.url), history: file, product, writingMs, settleWithinMs: SETTLE_WITHIN_MS }
  const clients = fork(fileURLToPath(new URL('./clients.ts', import.meta.url)), [JSON.stringify(plan)])
  const ended = once(clients, 'exit') as Promise<[number | null]>
  const tooLong = setTimeout(() => clients.kill('SIGKILL'), writingMs + MORE_MS)
  const broken = ended.then(([code]): never => {
    throw new Error(`the clients broke down (${code ?? 'killed'})`)
  })
  const says = (name: FromClients['name']) =>
    new Promise<void>((resume) => {
      clients.on('message', (said: FromClients) => said.name === name && resume())
    })

  let recognised = 0
  const swarm = openSwarm({ chance, lines, server, history, count: options.faults, durationMs: writingMs, recognised: () => recognised++ })
  try {
    swarm.heal()
    const written = says('written')
    await Promise.race([says('ready'), broken])
    await Promise.race([Promise.all([swarm.run(), written]), broken])
    await server.recover()
    swarm.heal()
    clients.send({ name: 'heal' } satisfies ToClients)
    const [code] = await ended
    if (code !== 0) throw new Error(`the clients broke down (${code ?? 'killed'})`)
    history.add({ kind: 'seen', state: 'repeated send recognised', times: recognised })
    await server.stop()
    readDatabase(server.dataDir, history)
  } finally {
    broken.catch(() => {})
    clearTimeout(tooLong)
    clients.kill('SIGKILL')
    await Promise.all(lines.map((line) => line.close()))
    await server.close()
    history.close()
  }
}
