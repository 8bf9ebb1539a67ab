import { useEffect, useReducer, useRef } from 'react'
import { shallowEqual } from 'react-redux'
import { useAppSelector } from '#client/store/hooks.ts'
import { announcer } from '#client/ui/announcer.ts'
import { bannerFor, countdownWords, nextChangeAt, type Banner } from './banner.ts'
import type { ConnectionState } from './connectionSlice.ts'

/** A banner as it is drawn now; `countdown` are words that change every second. */
export type DrawnBanner = Banner & { countdown: string | null }

function drawnAt(connection: ConnectionState, unsent: number, now: number): DrawnBanner | null {
  const banner = bannerFor(connection, now, unsent)
  return banner && { ...banner, countdown: banner.countdownTo === null ? null : countdownWords(banner.countdownTo, now) }
}

/** What the banner shows now. One timer, set for the next moment at which it would say something else. */
export function useBanner(unsent: number): DrawnBanner | null {
  const [woken, wake] = useReducer((count: number) => count + 1, 0)
  const connection = useAppSelector((state) => state.connection)
  // the clock is an input like the state: whatever made us look, the words are those of this moment
  const banner = useAppSelector((state) => drawnAt(state.connection, unsent, Date.now()), shallowEqual)

  useEffect(() => {
    const now = Date.now()
    const at = nextChangeAt(connection, now)
    if (at === null) return
    const timer = setTimeout(wake, at - now)
    return () => clearTimeout(timer)
    // a timer may be a moment early; then waking up sets the next one
  }, [connection, woken])

  useSpeech(banner)
  return banner
}

/** Speaks when the trouble begins, changes its nature, or ends; never because a count or a countdown moved. */
function useSpeech(banner: Banner | null): void {
  const spoken = useRef<string | null>(null)
  const words = banner?.announce ?? null
  const isUp = banner !== null
  useEffect(() => {
    if (!isUp) spoken.current = null
    if (words === null) return
    // what happens to the words comes last, and has their number in it
    const what = words.slice(0, words.lastIndexOf('. '))
    if (what === spoken.current) return
    spoken.current = what
    announcer.say(words)
  }, [words, isUp])
}
