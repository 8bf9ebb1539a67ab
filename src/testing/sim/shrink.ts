import { play } from './play.ts'
import type { Scenario, Step } from './scenario.ts'

/** Says of other scenarios whether they break one of the invariants that this one breaks. */
export async function breaksAs(scenario: Scenario): Promise<(candidate: Scenario) => Promise<boolean>> {
  const wanted = new Set((await play(scenario)).violations.map(({ invariant }) => invariant))
  return async (candidate) => (await play(candidate)).violations.some(({ invariant }) => wanted.has(invariant))
}

/**
 * The smallest form of a scenario that still fails: steps are taken out in halves, quarters and so on down to single ones, then the setup
 * is made plainer.
 */
export async function shrink(
  scenario: Scenario,
  stillFails: (candidate: Scenario) => Promise<boolean>,
  report: (text: string) => void = () => {},
): Promise<Scenario> {
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
    ({ browsers: { stallMs: _, ...browsers }, ...now }) => ({ ...now, browsers }),
    ({ browsers: { doubtRate: _, ...browsers }, ...now }) => ({ ...now, browsers }),
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
