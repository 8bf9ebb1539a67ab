import type { Invariant } from '#testing/sim/journal.ts'
import { play } from '#testing/sim/play.ts'
import { scenarioOf } from '#testing/sim/scenario.ts'

/** What a hunt over seeds came to. A run that throws proves nothing and is left behind; `crash` is the first of them. */
export type Hunt = { seeds: number; broken: readonly Invariant[]; what: string; crash: string }

/** Plays seeds one after another until one breaks an invariant. */
export async function hunt({ seeds, from }: { seeds: number; from: number }): Promise<Hunt> {
  let crash = ''
  for (let seed = from; seed < from + seeds; seed++) {
    try {
      const { violations } = await play(scenarioOf(seed))
      const broken = [...new Set(violations.map(({ invariant }) => invariant))]
      if (broken.length > 0) return { seeds: seed - from + 1, broken, what: `seed ${seed}: ${violations[0]!.what}`, crash }
    } catch (error) {
      crash ||= `seed ${seed}: ${error instanceof Error ? error.message : String(error)}`
    }
  }
  return { seeds, broken: [], what: '', crash }
}
