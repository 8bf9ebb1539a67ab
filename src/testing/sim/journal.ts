/** The invariants of docs/testing.md. */
export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'I8' | 'I9' | 'I10' | 'I11' | 'I12' | 'I13' | 'I14' | 'I15'

export type Violation = { invariant: Invariant; what: string }

export type Journal = {
  note: (line: string) => void
  reach: (name: string) => void
  /** As `reach`, for what went wrong. */
  reachFault: (name: string) => void
  /** Each once, however often it is looked at. */
  violate: (invariant: Invariant, what: string) => void
  hash: () => string
  readonly lines: readonly string[]
  readonly reached: ReadonlyMap<string, number>
  readonly violations: readonly Violation[]
}

/**
 * What happened in one run: a hash over every step of it, so that two runs can be told to be the same; how often each fault and each
 * interesting state was reached; and what was found to be wrong.
 */
export function openJournal({ keepsLines = false } = {}): Journal {
  let [low, high] = [0x811c9dc5, 0x9747b28c]
  const lines: string[] = []
  const reached = new Map<string, number>()
  const violations: Violation[] = []
  const seen = new Set<string>()
  const reach = (name: string) => void reached.set(name, (reached.get(name) ?? 0) + 1)
  return {
    note: (line) => {
      for (let i = 0; i < line.length; i++) {
        low = Math.imul(low ^ line.charCodeAt(i), 0x01000193)
        high = Math.imul(high ^ (low >>> 15), 0x85ebca6b)
      }
      if (keepsLines) lines.push(line)
    },
    reach,
    reachFault: (name) => {
      reach('faults')
      reach(name)
    },
    violate: (invariant, what) => {
      if (seen.has(invariant + what)) return
      seen.add(invariant + what)
      violations.push({ invariant, what })
    },
    hash: () => (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0'),
    lines,
    reached,
    violations,
  }
}
