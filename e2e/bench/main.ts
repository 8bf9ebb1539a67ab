import { fork } from 'node:child_process'
import { once } from 'node:events'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { commandLine } from '#testing/commandLine.ts'
import { buildServers } from './buildServers.ts'
import { rounded } from './figures.ts'
import type { Row } from './row.ts'
import { isRowName, ROW_NAMES, type RowName } from './rowNames.ts'
import { tableOf } from './table.ts'

/*
 * npm run bench -- [--json] [--only throughput] [--rounds 5] [--quick]
 *
 * Every figure beside a bare baseline, measured in turns in the same run. Progress goes to stderr, the result to stdout.
 */
const USAGE = `npm run bench -- [--json] [--only ${ROW_NAMES.join('|')}] [--rounds N] [--quick]`
const {
  values: options,
  fail,
  whole,
} = commandLine(USAGE, {
  json: { type: 'boolean' },
  only: { type: 'string', multiple: true },
  rounds: { type: 'string' },
  quick: { type: 'boolean' },
})
const rounds = options.rounds === undefined ? (options.quick ? 2 : 5) : whole('rounds', 1)
const names = options.only?.flatMap((list) => list.split(',')) ?? [...ROW_NAMES]
const unknown = names.filter((name) => !isRowName(name))
if (unknown.length > 0) fail(`There is no row ${unknown.join()}`)

const ROW_WITHIN_MS = 150_000

async function measure(name: RowName): Promise<Row> {
  console.error(name)
  const child = fork(fileURLToPath(new URL('./rowCommand.ts', import.meta.url)), [name, String(rounds), options.quick ? 'quick' : 'full'])
  const tooLong = setTimeout(() => child.kill('SIGTERM'), ROW_WITHIN_MS)
  const [said] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [unknown]
  clearTimeout(tooLong)
  if (typeof said !== 'object' || said === null) throw new Error(`${name} could not be measured`)
  return said as Row
}

console.error('building the servers')
await buildServers()
const load = rounded(loadavg()[0] ?? 0)
const startedAt = new Date()
const rows: Row[] = []
for (const name of names.filter(isRowName)) rows.push(await measure(name))

const machine = { cores: cpus().length, cpu: cpus()[0]?.model ?? '', node: process.version, loadAtStart: load }
const report = {
  startedAt: startedAt.toISOString(),
  seconds: Math.round((Date.now() - startedAt.getTime()) / 1000),
  machine,
  quick: options.quick ?? false,
  rows,
}
console.log(options.json ? JSON.stringify(report, null, 2) : tableOf(rows))
