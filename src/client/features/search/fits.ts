import { wordsOf } from '#protocol/search.ts'

/** Does every word of `text` begin a word of this name, whatever the case and the accents? Nothing typed fits all. */
export function fits(name: string, text: string): boolean {
  const [words, wanted] = [wordsOf(name), wordsOf(text)]
  if (wanted.length === 0) return text.trim() === ''
  return wanted.every((begun) => words.some((word) => word.startsWith(begun)))
}
