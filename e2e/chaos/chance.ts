/** Chance from a seed: the same seed gives the same throws in the same order. */
export type Chance = {
  /** In [0, 1). */
  unit: () => number
  /** A whole number from `least` to `most`. */
  between: (least: number, most: number) => number
  /** True this often. */
  happens: (probability: number) => boolean
  pick: <T>(from: readonly T[]) => T
  shuffled: <T>(all: readonly T[]) => T[]
}

/** `stream` keeps two users of one seed apart: what one throws never changes what the other gets. */
export function chanceFrom(seed: number, stream: string): Chance {
  let state = seed >>> 0
  for (const char of stream) state = (Math.imul(state ^ char.charCodeAt(0), 0x9e3779b1) + 0x7f4a7c15) >>> 0

  const unit = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const between = (least: number, most: number): number => least + Math.floor(unit() * (most - least + 1))

  return {
    unit,
    between,
    happens: (probability) => unit() < probability,
    pick: (from) => from[between(0, from.length - 1)]!,
    shuffled: (all) => {
      const result = [...all]
      for (let at = result.length - 1; at > 0; at--) {
        const other = between(0, at)
        const held = result[at]!
        result[at] = result[other]!
        result[other] = held
      }
      return result
    },
  }
}
