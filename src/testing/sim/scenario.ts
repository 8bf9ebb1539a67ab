import { streamOf } from '#testing/random.ts'
import type { BrowserFaults } from './browsers.ts'
import type { ServerFaults } from './servers.ts'

/** Everything that may be done to the world. The first group is what people do, the second what goes wrong. */
export const DEEDS = ['write', 'edit unsent', 'discard', 'edit', 'delete', 'react', 'retry', 'open tab', 'close tab', 'look elsewhere'] as const
/** Only where deletions are held back. */
export const UNDO = 'undo deletion'
export const FAULTS = [
  'cut',
  'freeze line',
  'freeze answers',
  'offline',
  'false offline',
  'crash tab',
  'freeze tab',
  'kill node',
  'kill before-commit',
  'kill after-commit',
  'kill after-publish',
  'commit in doubt',
  'server error',
  'drain node',
  'bus down',
  'server disk full',
  'browser disk full',
  'wipe',
  'private tab',
  'refuse websockets',
  'swallow websockets',
  'poison',
  'unsendable',
  'remove member',
  'purge',
  'back up and restore',
  'hide tab',
  'set clock',
] as const
export type Deed = (typeof DEEDS)[number] | typeof UNDO
export type Fault = (typeof FAULTS)[number]

/** `pick` and `more` choose whom and how, each a chance in [0, 1). */
export type Step = { afterMs: number; kind: Deed | Fault; pick: number; more: number }

export type Setup = {
  people: number
  browsersEach: number
  tabsEach: number
  hasGroup: boolean
  /** Deletions wait for the moment in which they can be undone. */
  holdsDeletions?: true
  servers: ServerFaults
  browsers: BrowserFaults
}

/** A run as data: what replays bit-exact, and what is cut down to its smallest form. */
export type Scenario = { seed: number; setup: Setup; steps: Step[] }

const STEPS = 40
const WRITES = 22

/** A random subset of all faults, so that rare ones meet often. The last ones are rarer: they change what can be expected of the rest. */
export function scenarioOf(seed: number): Scenario {
  const chance = streamOf(seed, 'scenario')
  const maybe = (value: number, rate = 0.5) => (chance() < rate ? Math.ceil(chance() * value) : 0)
  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(chance() * list.length)]!
  const enabled = FAULTS.filter((fault) => (OWN_CHANCE.includes(fault) ? streamOf(seed, fault) : chance)() < (RARE.includes(fault) ? 0.12 : 0.4))
  if (enabled.length === 0) enabled.push('cut')
  const setup: Setup = {
    people: 2 + Math.floor(chance() * 2),
    browsersEach: chance() < 0.25 ? 2 : 1,
    tabsEach: chance() < 0.6 ? 2 : 1,
    hasGroup: chance() < 0.6 || enabled.includes('remove member'),
    servers: {
      nodes: 1 + Math.floor(chance() * 3),
      databaseLagMs: maybe(15, 0.7),
      busLoss: chance() < 0.4 ? chance() * 0.3 : 0,
      busDoubles: chance() < 0.4 ? 0.2 : 0,
      busMs: chance() < 0.3 ? 600 : 5,
      tokenMs: chance() < 0.3 ? 12_000 + chance() * 20_000 : 600_000,
      limit: chance() < 0.2 ? '4/10' : '1000/1000',
    },
    browsers: {
      travelMs: oneOf([2, 20, 60, 200]),
      storageLagMs: maybe(8),
      abortRate: chance() < 0.3 ? 0.15 : 0,
      skewMs: chance() < 0.2 ? Math.round((chance() - 0.5) * 2e8) : 0,
    },
  }
  const steps: Step[] = []
  for (let i = 0; i < STEPS; i++) {
    const dice = chance()
    const kind = dice < WRITES / STEPS ? 'write' : dice < 0.7 ? oneOf(DEEDS) : oneOf(enabled)
    steps.push({ afterMs: Math.round(chance() * (chance() < 0.15 ? 4_000 : 500)), kind, pick: chance(), more: chance() })
  }
  const held = withHeldDeletions(seed, steps)
  return {
    seed,
    setup: { ...setup, ...(held && { holdsDeletions: true }), browsers: { ...setup.browsers, ...storageTroublesOf(seed) } },
    steps: held ?? steps,
  }
}

/** In every third seed: more of them, and most are undone. By chances of their own, so that seeds without them are what they were. */
function withHeldDeletions(seed: number, steps: readonly Step[]): Step[] | undefined {
  const chance = streamOf(seed, 'held deletions')
  if (chance() > 1 / 3) return undefined
  const step = (kind: Deed): Step => ({ afterMs: Math.round(chance() * (chance() < 0.2 ? 5_000 : 800)), kind, pick: chance(), more: chance() })
  return steps.flatMap((one) => {
    if (one.kind === 'delete') return [one, step(UNDO)]
    if (chance() < 0.1) return [one, step('delete')]
    return chance() < 0.1 ? [one, step(UNDO)] : [one]
  })
}

/** By chances of their own, so that seeds without them are what they were. */
function storageTroublesOf(seed: number): Pick<BrowserFaults, 'stallMs' | 'doubtRate'> {
  const chance = streamOf(seed, 'storage troubles')
  return {
    ...(chance() < 0.15 && { stallMs: 200 + Math.ceil(chance() * 2_800) }),
    ...(chance() < 0.1 && { doubtRate: 0.05 }),
  }
}

/** By chances of their own, so that seeds without them are what they were. */
const OWN_CHANCE: readonly Fault[] = ['hide tab', 'set clock']
const RARE: readonly Fault[] = ['wipe', 'remove member', 'purge', 'back up and restore', 'set clock']
