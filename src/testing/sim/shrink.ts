import { play, type Outcome } from './play.ts'
import type { Scenario, Step } from './scenario.ts'

/** The invariants that a run broke, each once. */
export const brokenBy = ({ violations }: Outcome): string[] => [...new Set(violations.map(({ invariant }) => invariant))].toSorted()

/**
 * The smallest form of a scenario that still breaks one of the same invariants: steps are taken out in halves, quarters and so on down
 * to single ones, then the setup is made plainer.
 */
export async function shrink(scenario: Scenario, report: (text: string) => void = () => {}): Promise<Scenario> {
  const wanted = new Set(brokenBy(await play(scenario)))
  const stillFails = async (candidate: Scenario) => brokenBy(await play(candidate)).some((invariant) => wanted.has(invariant))
  let smallest = scenario

  async function take(candidate: Scenario): Promise<boolean> {
    if (!(await stillFails(candidate))) return false
    smallest = candidate
    report(`${candidate.steps.length} steps`)
    return true
  }

  for (let size = Math.ceil(smallest.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < smallest.steps.length;) {
      if (!(await take({ ...smallest, steps: without(smallest.steps, at, size) }))) at += size
    }
  }
  const { setup } = smallest
  const plainer: ((now: Scenario['setup']) => Scenario['setup'])[] = [
    (now) => ({ ...now, people: 2 }),
    (now) => ({ ...now, browsersEach: 1 }),
    (now) => ({ ...now, tabsEach: 1 }),
    (now) => ({ ...now, hasGroup: false }),
    (now) => ({ ...now, servers: { ...now.servers, nodes: 1 } }),
    (now) => ({ ...now, servers: { ...now.servers, databaseLagMs: 0 } }),
    (now) => ({ ...now, servers: { ...now.servers, busLoss: 0, busDoubles: 0, busMs: 5 } }),
    (now) => ({ ...now, servers: { ...now.servers, tokenMs: 600_000, limit: '1000/1000' } }),
    (now) => ({ ...now, browsers: { ...now.browsers, travelMs: 2 } }),
    (now) => ({ ...now, browsers: { ...now.browsers, storageLagMs: 0 } }),
    (now) => ({ ...now, browsers: { ...now.browsers, abortRate: 0 } }),
    (now) => ({ ...now, browsers: { ...now.browsers, skewMs: 0 } }),
  ]
  for (const change of plainer) {
    const next = change(smallest.setup)
    if (JSON.stringify(next) !== JSON.stringify(setup)) await take({ ...smallest, setup: next })
  }
  return smallest
}

/** The pause before a step that is taken out stays, so that what follows happens when it did. */
function without(steps: readonly Step[], at: number, size: number): Step[] {
  const pause = steps.slice(at, at + size).reduce((sum, step) => sum + step.afterMs, 0)
  const next = steps[at + size]
  return [...steps.slice(0, at), ...(next ? [{ ...next, afterMs: next.afterMs + pause }] : []), ...steps.slice(at + size + 1)]
}
