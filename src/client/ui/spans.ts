const SPANS: [ms: number, name: string][] = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
]

/** A length of time, rounded up in the largest unit that fits: "40 seconds", "1 minute", "30 days". */
export function spanInWords(ms: number): string {
  const [unit, name] = SPANS.find(([least]) => ms >= least) ?? SPANS.at(-1)!
  const count = Math.max(1, Math.ceil(ms / unit))
  return `${count} ${name}${count === 1 ? '' : 's'}`
}
