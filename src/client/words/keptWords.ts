import { spokenWords, speak, type Catalogue } from './t.ts'

/** Beside the app, which is kept in other caches: it stays when a build goes. */
const WORDS = 'tidemark:words'
const AT = '/words'

/**
 * For the service worker, which speaks while no page is open and can't load them itself. Those of a language that this page could not have
 * are kept as they are.
 */
export async function keepWords(language: string): Promise<void> {
  const words = spokenWords()
  if (words) await (await caches.open(WORDS)).put(AT, Response.json(words))
  else if (language === 'en') await caches.delete(WORDS)
}

/** From here on the service worker speaks as the last page did. */
export async function speakKeptWords(): Promise<void> {
  const kept = await caches.match(AT, { cacheName: WORDS })
  speak(kept && ((await kept.json()) as Catalogue))
}
