import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { commandLine } from '#testing/commandLine.ts'
import { hunt } from './hunt.ts'
import { MUTANTS } from './list.ts'
import type { Mutant } from './mutant.ts'
import { openWorkshop, type Workshop } from './workshop.ts'

/*
 * npm run mutants -- [--only NAME …] [--seeds 400]
 *
 * Breaks a copy of the source in one place after another and shows that the tests notice: first everything must be green as it is, then
 * every mutant must break a named invariant of the simulator on the same seeds, or fail an assertion of the unit test it names. A crash
 * does not count. One line for each; exit 1 if any is missed.
 */
const { values, fail, whole } = commandLine('npm run mutants -- [--only NAME …] [--seeds 400] [--from 1]', {
  only: { type: 'string', multiple: true },
  seeds: { type: 'string', default: '400' },
  from: { type: 'string', default: '1' },
  hunt: { type: 'boolean', default: false },
})
const [seeds, from] = [whole('seeds', 1), whole('from', 0)]
const unknown = values.only?.find((name) => !MUTANTS.some((mutant) => mutant.name === name))
if (unknown !== undefined) fail(`No mutant is called ${unknown}. There are: ${MUTANTS.map(({ name }) => name).join(', ')}`)
const say = (text: string) => process.stdout.write(`${text}\n`)

/** Everything as it is must be green, or what follows proves nothing. Returns what is not. */
async function faultsUnbroken(workshops: readonly Workshop[], tests: readonly string[]): Promise<string[]> {
  const share = Math.ceil(seeds / workshops.length)
  const hunts = await Promise.all(workshops.map((workshop, at) => workshop.hunt(Math.min(share, seeds - at * share), from + at * share)))
  const { failed, crash } = tests.length === 0 ? { failed: [], crash: '' } : await workshops[0]!.test(tests)
  return [
    ...hunts.flatMap(({ broken, what, crash: fell }) => [broken.length > 0 ? `${broken.join(' ')} ${what}` : '', fell]),
    ...failed,
    crash,
  ].filter((fault) => fault !== '')
}

/** Tries one mutant and says what noticed it. */
async function isCaught(workshop: Workshop, mutant: Mutant): Promise<boolean> {
  const { name, says, by } = mutant
  const miss = (crash: string) => say(`${name}: MISSED (${says})${crash && `, only crashed: ${crash}`}`)
  if (by !== undefined) {
    const { failed, crash } = await workshop.broken(mutant, () => workshop.test([by]))
    if (failed.length === 0) miss(crash)
    else say(`${name}: caught by ${by} › ${failed[0]!}`)
    return failed.length > 0
  }
  const { seeds: played, broken, what, crash } = await workshop.broken(mutant, () => workshop.hunt(seeds, from))
  if (broken.length === 0) miss(crash)
  else say(`${name}: caught by ${broken.join(' ')} after ${played} ${played === 1 ? 'seed' : 'seeds'} (${what})`)
  return broken.length > 0
}

async function run(): Promise<number> {
  const chosen = MUTANTS.filter(({ name }) => values.only?.includes(name) ?? true)
  const root = fileURLToPath(new URL('../../../..', import.meta.url))
  const workshops = Array.from({ length: Math.min(availableParallelism(), seeds) }, () => openWorkshop(root))
  const close = () => workshops.forEach((workshop) => workshop.close())
  process.once('SIGINT', () => {
    close()
    process.exit(130)
  })
  try {
    const faults = await faultsUnbroken(workshops, [...new Set(chosen.flatMap(({ by }) => by ?? []))])
    for (const fault of faults) say(`not green without a mutant: ${fault}`)
    if (faults.length > 0) return 1
    say(`green without a mutant: ${seeds} seeds`)
    const waiting = [...chosen]
    const missed: string[] = []
    const work = async (workshop: Workshop) => {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) if (!(await isCaught(workshop, mutant))) missed.push(mutant.name)
    }
    await Promise.all(workshops.map(work))
    say(`mutants ${chosen.length}, caught ${chosen.length - missed.length}, missed ${missed.length}`)
    return missed.length === 0 ? 0 : 1
  } finally {
    close()
  }
}

if (values.hunt) say(JSON.stringify(await hunt({ seeds, from })))
else process.exitCode = await run()
