import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildForTests, ROOT } from '#e2e/support/build.ts'
import { buildProduct } from './buildProduct.ts'
import { check, totalsOf } from './checker.ts'
import { readHistory } from './history.ts'
import type { Options } from './plan.ts'
import { addedUp, campaignLines, linesOf, neverReached, summaryOf, type Summary } from './report.ts'
import { run } from './run.ts'

/*
 * npm run chaos -- [--seed S] [--messages N] [--clients C] [--faults F] [--campaign K] [--client bad] [--history FILE]
 * npm run chaos -- --check FILE
 *
 * A real server, real sockets, the production client, and whatever can go wrong between them; then the history is checked. A campaign
 * goes through K seeds and keeps the histories in which something is wrong.
 */
const values = optionsGiven()

function optionsGiven() {
  try {
    const { values: given } = parseArgs({
      options: {
        seed: { type: 'string', default: '1' },
        messages: { type: 'string', default: '5000' },
        clients: { type: 'string', default: '8' },
        faults: { type: 'string', default: '180' },
        campaign: { type: 'string', default: '1' },
        client: { type: 'string', default: 'production' },
        history: { type: 'string' },
        check: { type: 'string' },
      },
    })
    return given
  } catch (error) {
    return usage(String(error))
  }
}

const whole = (name: 'seed' | 'messages' | 'clients' | 'faults' | 'campaign', least: number): number => {
  const number = Number(values[name])
  if (!Number.isSafeInteger(number) || number < least) usage(`--${name} must be a whole number from ${least}`)
  return number
}
function usage(mistake: string): never {
  console.error(
    `${mistake}\nnpm run chaos -- [--seed S] [--messages N] [--clients C] [--faults F] [--campaign K] [--client bad] [--history FILE] | --check FILE`,
  )
  process.exit(2)
}

/** Checks a history, says what is wrong with it, and sums it up. */
function judge(file: string): Summary {
  const events = readHistory(file)
  const violations = check(events)
  for (const { invariant, counts, says, ids } of violations.slice(0, 40))
    console.log(
      `${invariant} ${counts}: ${says}${ids.length > 0 ? ` [${ids.slice(0, 5).join(' ')}${ids.length > 5 ? ` … ${ids.length}` : ''}]` : ''}`,
    )
  if (violations.length > 40) console.log(`… and ${violations.length - 40} more`)
  return summaryOf(events, totalsOf(violations))
}

async function campaign(first: Options, count: number): Promise<number> {
  buildForTests()
  const product = await buildProduct()
  const summaries: Summary[] = []
  for (let seed = first.seed; seed < first.seed + count; seed++) {
    const options = { ...first, seed }
    const file =
      values.history !== undefined && count === 1 ? values.history : join(ROOT, `.chaos/seed-${seed}${first.client === 'bad' ? '-bad' : ''}.jsonl`)
    rmSync(file, { force: true })
    const startedAt = performance.now()
    // what broke down is judged like the rest: its history has no end
    await run(options, { product, file }).catch((error: unknown) => console.log(`seed ${seed} broke down: ${String(error)}`))
    console.log(`seed ${seed} (${((performance.now() - startedAt) / 1000).toFixed(0)} s, ${file})`)
    const summary = judge(file)
    console.log(linesOf(summary).join('\n'))
    summaries.push(summary)
    if (count > 1 && summary.isClean) rmSync(file)
  }
  if (count === 1) return summaries[0]!.isClean ? 0 : 1
  const all = addedUp(summaries)
  const missed = neverReached(all)
  console.log(`\n${campaignLines(all, missed, first.seed, count).join('\n')}`)
  return all.isClean && missed.length === 0 ? 0 : 1
}

if (values.client !== 'production' && values.client !== 'bad') usage('--client is production or bad')
else if (values.check !== undefined) {
  const summary = judge(values.check)
  console.log(linesOf(summary).join('\n'))
  process.exitCode = summary.isClean ? 0 : 1
} else {
  const options: Options = {
    seed: whole('seed', 0),
    messages: whole('messages', 1),
    clients: whole('clients', 2),
    faults: whole('faults', 0),
    client: values.client,
  }
  // a line that was stranded may keep its sockets
  process.exit(await campaign(options, whole('campaign', 1)))
}
