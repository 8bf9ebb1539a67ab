import { plural } from '#client/words/t.ts'
const SPANS: [ms: number, words: (count: number) => string][] = [
  [86_400_000, (count) => plural(count, '1 day', '{n} days')],
  [3_600_000, (count) => plural(count, '1 hour', '{n} hours')],
  [60_000, (count) => plural(count, '1 minute', '{n} minutes')],
  [1_000, (count) => plural(count, '1 second', '{n} seconds')],
]

/** A length of time, rounded up in the largest unit that fits: "40 seconds", "1 minute", "30 days". */
export function spanInWords(ms: number): string {
  const [unit, words] = SPANS.find(([least]) => ms >= least) ?? SPANS.at(-1)!
  return words(Math.max(1, Math.ceil(ms / unit)))
}
