import { median, rounded } from './figures.ts'

/** How a row is measured. */
export type Settings = {
  rounds: number
  /** Short rounds: shows that everything works, proves nothing. */
  quick: boolean
  /** Tells whoever is waiting. */
  say: (text: string) => void
}

/** One row of the table of figures. */
export type Row = {
  name: string
  /** What was measured and how, in a sentence. */
  what: string
  rounds: number
  /** Contender → figure → median over the rounds. Units are in the names. */
  figures: Record<string, Record<string, number>>
  goals: Goal[]
}

export type Goal = { what: string; value: number; target: number; mustBe: 'atLeast' | 'atMost'; reached: boolean }

export type Measure = (settings: Settings) => Promise<Row>

export const atLeast = (target: number, what: string, value: number): Goal => goal(what, value, target, 'atLeast')
export const atMost = (target: number, what: string, value: number): Goal => goal(what, value, target, 'atMost')

function goal(what: string, value: number, target: number, mustBe: Goal['mustBe']): Goal {
  return { what, value: rounded(value), target: rounded(target), mustBe, reached: mustBe === 'atLeast' ? value >= target : value <= target }
}

/** What every contender reached in every round. */
export type Rounds = Map<string, Record<string, number>[]>

/**
 * Lets the contenders take turns, so that whatever else the machine is doing meets all of them alike. With `warmUp`, one turn before the
 * first round is not counted.
 */
export async function inTurns<C extends { name: string }>(
  contenders: C[],
  { rounds, say, warmUp = true }: Settings & { warmUp?: boolean },
  turn: (contender: C) => Promise<Record<string, number>>,
): Promise<Rounds> {
  const results: Rounds = new Map(contenders.map(({ name }) => [name, []]))
  for (let round = warmUp ? 0 : 1; round <= rounds; round++) {
    for (const contender of contenders) {
      const figures = await turn(contender)
      const words = Object.entries(figures).map(([name, value]) => `${name} ${rounded(value)}`)
      say(`${round === 0 ? 'warm-up' : `round ${round}`}  ${contender.name}: ${words.join(', ')}`)
      if (round > 0) results.get(contender.name)!.push(figures)
    }
  }
  return results
}

/** The median of a figure of one contender. */
export function medianOf(rounds: Rounds, contender: string, figure: string): number {
  return median((rounds.get(contender) ?? []).map((figures) => figures[figure] ?? Number.NaN))
}

/** The median, over the rounds, of `of` in relation to `to` in the same round. */
export function ratioOf(rounds: Rounds, figure: string, of: string, to: string): number {
  const [ours, theirs] = [rounds.get(of) ?? [], rounds.get(to) ?? []]
  return median(ours.map((figures, round) => figures[figure]! / theirs[round]![figure]!))
}

export function mediansOf(rounds: Rounds): Row['figures'] {
  const named = [...rounds].map(([contender, all]) => {
    const figures = Object.keys(all[0] ?? {}).map((figure) => [figure, rounded(medianOf(rounds, contender, figure))] as const)
    return [contender, Object.fromEntries(figures)] as const
  })
  return Object.fromEntries(named)
}
