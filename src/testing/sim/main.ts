import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { commandLine } from '#testing/commandLine.ts'
import { bundleWorker } from './bundle.ts'
import { emptyTally, join, playSeeds, sayFailed, summaryOf, type Tally } from './campaign.ts'
import { play } from './play.ts'
import { scenarioOf, type Scenario } from './scenario.ts'
import { openKept } from './keep.ts'
import { breaksAs, shrink } from './shrink.ts'
import type { Share, Word } from './worker.ts'

/*
 * npm run sim -- --seeds 1000 --from 1            plays seeds on all cores; the last line sums up, a violation exits 1
 *                --keep campaign.json             … and keeps what came of them so far: called again, it goes on where it was stopped
 *                --seed 7 [--trace PATTERN]       plays one, prints its hash and, where they match, the lines of its trace
 *                --until-broken --seeds 1000      stops at the first broken seed and names what broke
 *                --shrink 7                       prints the smallest form of a broken seed, ready for src/testing/sim/found/
 */
const USAGE = 'npm run sim -- [--seeds N] [--from S] [--keep FILE | --until-broken] | --seed S [--trace PATTERN] | --shrink S'
const { values, whole, fail } = commandLine(USAGE, {
  seeds: { type: 'string', default: '100' },
  from: { type: 'string', default: '1' },
  seed: { type: 'string' },
  trace: { type: 'string' },
  shrink: { type: 'string' },
  keep: { type: 'string' },
  'until-broken': { type: 'boolean', default: false },
})
const REPORT_EVERY = 500
/** How much of a kept campaign a stop can cost: minutes. */
const KEEP_EVERY = 1_000
/** No seed takes a fiftieth of that: one that does plays for ever. */
const ENDLESS_MS = 120_000
const ENDLESS = 'it never ended'
const DIED = 'a process died'
/** A campaign this long must have reached everything there is. */
const MUST_REACH_FROM = 2_000

const say = (text: string) => process.stdout.write(`${text}\n`)
const [seeds, from] = [whole('seeds', 1), whole('from', 0)]

async function playOne(scenario: Scenario, pattern: string | undefined): Promise<number> {
  const outcome = await play(scenario, { keepsLines: pattern !== undefined })
  const matches = new RegExp(pattern ?? '', 'u')
  for (const line of outcome.lines) if (matches.test(line)) say(line)
  for (const { invariant, what } of outcome.violations) say(`${invariant} ${what}`)
  const again = await play(scenario)
  say(
    `seed ${scenario.seed}, messages ${outcome.messages}, hash ${outcome.hash}${again.hash === outcome.hash ? '' : `, but ${again.hash} when replayed`}`,
  )
  return outcome.violations.length > 0 || again.hash !== outcome.hash ? 1 : 0
}

async function smallest(seed: number, report?: (text: string) => void): Promise<Scenario> {
  const scenario = scenarioOf(seed)
  return shrink(scenario, await breaksAs(scenario), report)
}

async function untilBroken(): Promise<number> {
  for (let seed = from; seed < from + seeds; seed++) {
    const { failed } = await playSeeds([seed])
    if (failed.length === 0) continue
    say(JSON.stringify({ seed, after: seed - from + 1, broken: failed[0]!.broken, first: failed[0]!.first }))
    return 1
  }
  say(JSON.stringify({ seed: null, after: seeds, broken: [], first: '' }))
  return 0
}

/** Plays every `step`th seed in a process of its own. */
function inProcess(worker: string, share: Share, heard: (done: number) => void): Promise<Tally> {
  return new Promise((resolve) => {
    const child = fork(worker, [JSON.stringify(share)], {
      // One process a core: what collects garbage beside them would only take from the other's time.
      execArgv: ['--enable-source-maps', '--single-threaded-gc', '--max-semi-space-size=32'],
      env: { ...process.env, NODE_ENV: 'production' },
    })
    let tally: Tally | undefined
    let seed = 0
    const end = () => {
      tally = { ...emptyTally(), failed: [{ seed, broken: ['I14'], first: ENDLESS }] }
      process.stderr.write(`${sayFailed(tally.failed[0]!)}\n`)
      child.kill('SIGKILL')
    }
    let watch = setTimeout(end, ENDLESS_MS)
    child.on('message', (word: Word) => {
      clearTimeout(watch)
      watch = setTimeout(end, ENDLESS_MS)
      if ('began' in word) seed = word.began
      else if ('tally' in word) tally = word.tally
      else if ('failed' in word) process.stderr.write(`${sayFailed(word.failed)}\n`)
      else heard(word.done)
    })
    child.on('exit', () => {
      clearTimeout(watch)
      resolve(tally ?? { ...emptyTally(), failed: [{ seed: 0, broken: ['I14'], first: DIED }] })
    })
  })
}

/** One process per core; each sends its tally when it is through. */
async function playOnAllCores(worker: string, part: { seeds: number; from: number }, heard: (done: number) => void): Promise<Tally> {
  const step = Math.min(availableParallelism(), part.seeds)
  const done = Array.from({ length: step }, () => 0)
  const report = (index: number) => (played: number) => {
    done[index] = played
    heard(done.reduce((sum, n) => sum + n, 0))
  }
  return join(await Promise.all(done.map((_, first) => inProcess(worker, { ...part, first, step, reportEvery: REPORT_EVERY }, report(first)))))
}

async function campaign(): Promise<number> {
  const worker = await bundleWorker()
  const kept = openKept(values.keep, { seeds, from, worker })
  if ('refusal' in kept) return fail(kept.refusal)
  let { tally, seconds } = kept
  while (tally.seeds < seeds && tally.failed.length === 0) {
    const startedAt = performance.now()
    const took = () => seconds + (performance.now() - startedAt) / 1000
    const part = { from: from + tally.seeds, seeds: Math.min(seeds - tally.seeds, values.keep === undefined ? Infinity : KEEP_EVERY) }
    const played = await playOnAllCores(worker, part, (done) => {
      if (seeds > REPORT_EVERY) process.stderr.write(`${tally.seeds + done} of ${seeds} seeds, ${Math.round(took())} s\n`)
    })
    seconds = took()
    tally = join([tally, played])
    if (!tally.failed.some(({ first }) => first === DIED)) kept.keep(tally, seconds)
  }
  const { lines, isGood } = summaryOf(tally, { mustReach: seeds >= MUST_REACH_FROM })
  const [worst] = tally.failed
  if (worst && worst.seed > 0 && worst.first !== ENDLESS) {
    say(`The smallest form of seed ${worst.seed}:`)
    say(JSON.stringify(await smallest(worst.seed)))
  }
  say(
    `reached: ${Object.entries(tally.reached)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, times]) => `${name} ${times}`)
      .join(', ')}`,
  )
  if (seeds > REPORT_EVERY) say(`played in ${Math.round(seconds / 60)} min`)
  for (const line of lines) say(line)
  return isGood ? 0 : 1
}

async function run(): Promise<number> {
  if (values.shrink !== undefined) {
    say(JSON.stringify(await smallest(whole('shrink', 0), (text) => void process.stderr.write(`${text}\n`))))
    return 0
  }
  if (values.seed !== undefined) return playOne(scenarioOf(whole('seed', 0)), values.trace)
  return values['until-broken'] ? untilBroken() : campaign()
}

process.exitCode = await run()
