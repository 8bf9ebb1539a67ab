import { t } from '#client/words/t.ts'
import type { Typist } from './presenceSlice.ts'

/** Those whose signal still holds. */
export const typingNow = (typists: Typist[], now: number): Typist[] => typists.filter((typist) => typist.until > now)

/** When the next of these signals runs out; null when none holds any more. */
export function typingEndsAt(typists: Typist[], now: number): number | null {
  const ends = typingNow(typists, now).map((typist) => typist.until)
  return ends.length === 0 ? null : Math.min(...ends)
}

/** "Ada is typing…", "Ada and Lena are typing…", "Several people are typing…"; empty when nobody is. */
export function typingWords(names: string[]): string {
  if (names.length === 0) return ''
  if (names.length === 1) return t('{name} is typing…', { name: names[0]! })
  return names.length === 2 ? t('{name} and {other} are typing…', { name: names[0]!, other: names[1]! }) : t('Several people are typing…')
}
