import { speak } from '#client/words/t.ts'
import { deviceSetting } from './deviceSetting.ts'

/** Languages of the interface other than English, and where their words are. */
const OTHERS = { fa: () => import('#client/words/fa.ts').then(({ fa }) => fa) }
export type Language = 'en' | keyof typeof OTHERS

const setting = deviceSetting('tidemark:language')

/** What was chosen on this device, or else the first of the browser's languages that is one of ours. */
export function language(): Language {
  const wanted = [setting.read() ?? '', ...navigator.languages].map((name) => name.split('-')[0]!)
  return wanted.find((name): name is Language => name === 'en' || Object.hasOwn(OTHERS, name)) ?? 'en'
}

/** What has been drawn already stays as it is: a page speaks one language. */
export function chooseLanguage(to: Language): void {
  setting.write(to)
  location.reload()
}

/** Resolves when the page may be drawn: in English where the words of the language can't be had. */
export async function speakLanguage(): Promise<void> {
  const chosen = language()
  if (chosen === 'en') return
  const words = await OTHERS[chosen]().catch(() => undefined)
  if (!words) return
  speak(words)
  Object.assign(document.documentElement, { lang: chosen, dir: 'rtl' })
}
