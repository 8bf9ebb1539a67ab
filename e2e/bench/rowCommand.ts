import type { Measure } from './row.ts'
import { fanOut } from '#e2e/bench/rows/fanOut.ts'
import { idle } from '#e2e/bench/rows/idle.ts'
import { latency } from '#e2e/bench/rows/latency.ts'
import { storm } from '#e2e/bench/rows/storm.ts'
import { throughput } from '#e2e/bench/rows/throughput.ts'
import { isRowName, type RowName } from './rowNames.ts'

const MEASURES: Record<RowName, Measure> = { throughput, latency, fanOut, idle, storm }

/* One row in a process of its own, so that no row meets the garbage of another. Started by `main.ts`, which takes the row by IPC. */
const [name = '', rounds = '5', pace = 'full'] = process.argv.slice(2)
if (!isRowName(name)) throw new Error(`no such row: ${name}`)

// every server and directory goes with this process
for (const signal of ['SIGTERM', 'SIGINT', 'disconnect'] as const) process.on(signal, () => process.exit(1))

const row = await MEASURES[name]({ rounds: Number(rounds), quick: pace === 'quick', say: (text) => process.stderr.write(`  ${text}\n`) })
process.send?.(row, undefined, undefined, () => process.exit(0))
