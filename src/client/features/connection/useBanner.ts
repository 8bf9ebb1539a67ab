import { useEffect, useReducer, useRef } from 'react'
import { useAppSelector } from '#client/store/hooks.ts'
import { announcer } from '#client/ui/announcer.ts'
import { bannerFor, nextChangeAt, type Banner } from './banner.ts'

/** What the banner shows now. One timer, set for the next moment at which it would say something else. */
export function useBanner(unsent: number): { banner: Banner | null; now: number } {
  const connection = useAppSelector((state) => state.connection)
  const [, wake] = useReducer((count: number) => count + 1, 0)
  // the clock is an input like the state: whatever made us render, the words are those of this moment
  const now = Date.now()
  const banner = bannerFor(connection, now, unsent)

  useEffect(() => {
    const at = nextChangeAt(connection, now)
    if (at === null) return
    const timer = setTimeout(wake, at - now)
    return () => clearTimeout(timer)
  }, [connection, now])

  useSpeech(banner)
  return { banner, now }
}

/** Speaks when the trouble begins, changes its nature, or ends; never because a count or a countdown moved. */
function useSpeech(banner: Banner | null): void {
  const spoken = useRef<string | null>(null)
  const words = banner?.announce ?? null
  useEffect(() => {
    if (words === null) {
      spoken.current = null
      return
    }
    const what = words.slice(0, words.indexOf('.'))
    if (what === spoken.current) return
    spoken.current = what
    announcer.say(words)
  }, [words])
}
