import type { Invariant } from './journal.ts'
import { play, type Outcome } from './play.ts'
import { FAULTS, scenarioOf } from './scenario.ts'

export type Failed = { seed: number; broken: Invariant[]; first: string }

/** Sums over many runs. Plain data, so that processes can hand it on. */
export type Tally = {
  seeds: number
  messages: number
  /** Of each run, for the medians. */
  messagesEach: number[]
  faultsEach: number[]
  reached: Record<string, number>
  failed: Failed[]
}

export const emptyTally = (): Tally => ({ seeds: 0, messages: 0, messagesEach: [], faultsEach: [], reached: {}, failed: [] })

export function add(tally: Tally, { seed, messages, reached, violations }: Outcome): void {
  tally.seeds++
  tally.messages += messages
  tally.messagesEach.push(messages)
  tally.faultsEach.push(reached.get('faults') ?? 0)
  for (const [name, times] of reached) tally.reached[name] = (tally.reached[name] ?? 0) + times
  if (violations.length > 0) {
    const broken = [...new Set(violations.map(({ invariant }) => invariant))]
    tally.failed.push({ seed, broken, first: violations[0]!.what })
  }
}

export function join(tallies: readonly Tally[]): Tally {
  const all = emptyTally()
  for (const tally of tallies) {
    all.seeds += tally.seeds
    all.messages += tally.messages
    all.messagesEach.push(...tally.messagesEach)
    all.faultsEach.push(...tally.faultsEach)
    all.failed.push(...tally.failed)
    for (const [name, times] of Object.entries(tally.reached)) all.reached[name] = (all.reached[name] ?? 0) + times
  }
  all.failed.sort((a, b) => a.seed - b.seed)
  return all
}

/** Plays seeds one after another; a run that throws counts as one that broke the bounds of what may happen at all. */
export async function playSeeds(seeds: Iterable<number>, progress: (tally: Tally) => void = () => {}): Promise<Tally> {
  const tally = emptyTally()
  for (const seed of seeds) {
    try {
      add(tally, await play(scenarioOf(seed)))
    } catch (error) {
      tally.seeds++
      tally.failed.push({ seed, broken: ['I14'], first: error instanceof Error ? error.message : String(error) })
    }
    progress(tally)
  }
  return tally
}

/** How the invariants are summed up in the last line. */
const SUMS: Record<'lost' | 'duplicated' | 'reordered' | 'stuck', readonly Invariant[]> = {
  lost: ['I1', 'I6', 'I7', 'I10', 'I12', 'I13'],
  duplicated: ['I2', 'I8', 'I11'],
  reordered: ['I3', 'I4', 'I5'],
  stuck: ['I9', 'I14', 'I15'],
}

/** A campaign that never got there proves nothing about it. Reached at least once in some thousands of seeds. */
export const MUST_REACH: readonly string[] = [
  ...FAULTS,
  'fault while something was under way',
  'answered dup',
  'answered gone',
  'pull',
  'reset',
  'diverged',
  'restored under a new epoch',
  'restored under the old epoch',
  'head told by the poller',
  'bus lost a notice',
  'bus doubled a notice',
  'lock stolen',
  'storage aborted',
  'storage stalled',
  'storage in doubt',
  'crash after a discard',
  'row in memory only',
  'polling',
  'dial swallowed',
  'token renewed',
  'token expiring',
  'drain',
  'farewell DRAIN',
  'disk full',
  'conversation left',
  'retried',
  'discarded',
  'deletion undone',
  'unsent edited',
  'change applied',
  'change behind its message',
  'change refused E_NOT_FOUND',
  'answer E_BUSY',
  'answer E_RATE',
  'answer E_INTERNAL',
  'answer E_STORAGE',
  'row refused E_NOT_MEMBER',
  'row refused E_INVALID',
  'row refused E_SERVER_ERROR',
  'tab crashed',
  'tab closed',
]

export const sayFailed = ({ seed, broken, first }: Failed): string => `seed ${seed} broke ${broken.join(' ')}: ${first}`

const median = (list: readonly number[]): number => list.toSorted((a, b) => a - b)[list.length >> 1] ?? 0

/** What a campaign has to say; the last line is a contract. `isGood` is false for any violation and, where asked, for what was never reached. */
export function summaryOf(tally: Tally, { mustReach }: { mustReach: boolean }): { lines: string[]; isGood: boolean } {
  const missed = mustReach ? MUST_REACH.filter((name) => !tally.reached[name]) : []
  const count = (of: readonly Invariant[]) => tally.failed.filter(({ broken }) => broken.some((invariant) => of.includes(invariant))).length
  const [perSeed, faults] = [median(tally.messagesEach), median(tally.faultsEach)]
  const refused = Object.entries(tally.reached).flatMap(([name, times]) => (name.startsWith('row refused ') ? [`${name.slice(12)} ${times}`] : []))
  const thin = mustReach && (perSeed < 50 || faults < 5)
  return {
    isGood: tally.failed.length === 0 && missed.length === 0 && !thin,
    lines: [
      ...tally.failed.slice(0, 20).map(sayFailed),
      ...(missed.length > 0 ? [`never reached: ${missed.join(', ')}`] : []),
      ...(thin ? ['too little happened in a seed to prove anything'] : []),
      `messages ${tally.messages} (median ${perSeed} a seed), faults ${sum(tally.faultsEach)} (median ${faults}), ` +
        `while something was under way ${tally.reached['fault while something was under way'] ?? 0}, ` +
        `rows refused: ${refused.join(', ') || 'none'}, reached ${MUST_REACH.length - MUST_REACH.filter((name) => !tally.reached[name]).length} of ${MUST_REACH.length}`,
      `seeds ${tally.seeds}, lost ${count(SUMS.lost)}, duplicated ${count(SUMS.duplicated)}, reordered ${count(SUMS.reordered)}, stuck ${count(SUMS.stuck)}`,
    ],
  }
}

const sum = (list: readonly number[]): number => list.reduce((total, one) => total + one, 0)
