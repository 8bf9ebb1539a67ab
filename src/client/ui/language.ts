import { speak } from '#client/words/t.ts'
import { stored } from './stored.ts'

/** Languages of the interface other than English, and where their words are. */
const OTHERS = { fa: () => import('#client/words/fa.ts').then(({ fa }) => fa) }
export type Language = 'en' | keyof typeof OTHERS

export const LANGUAGE_KEY = 'tidemark:language'

/** What was chosen on this device, or else the first of the browser's languages that is one of ours. */
export function language(): Language {
  const wanted = [stored(LANGUAGE_KEY) ?? '', ...navigator.languages].map((name) => name.split('-')[0]!)
  return wanted.find((name): name is Language => name === 'en' || Object.hasOwn(OTHERS, name)) ?? 'en'
}

/** So long a page stays empty for want of words. */
const PATIENCE_MS = 5_000

/** Resolves when the page may be drawn: in English where the words of the language can't be had. */
export async function speakLanguage(): Promise<void> {
  const chosen = language()
  if (chosen === 'en') return
  const enough = new Promise<undefined>((resolve) => setTimeout(resolve, PATIENCE_MS))
  const words = await Promise.race([OTHERS[chosen](), enough]).catch(() => undefined)
  if (!words) return
  speak(words)
  Object.assign(document.documentElement, { lang: chosen, dir: words.direction })
}
