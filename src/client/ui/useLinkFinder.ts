import { useSyncExternalStore } from 'react'
import type { FoundLink } from './linkFinder.ts'

type FindLinks = (text: string) => FoundLink[]

const NONE: FindLinks = () => []
let findLinks = NONE
let asked = false
const waiting = new Set<() => void>()

function subscribe(listener: () => void): () => void {
  waiting.add(listener)
  if (!asked) {
    asked = true
    // not needed to read or to write: comes after the page, and links appear in place
    import('./linkFinder.ts').then(
      (found) => {
        findLinks = found.findLinks
        for (const tell of waiting) tell()
      },
      () => {
        asked = false
      },
    )
  }
  return () => waiting.delete(listener)
}

/** Finds links in texts; nothing until the finder is loaded. */
export const useLinkFinder = (): FindLinks => useSyncExternalStore(subscribe, () => findLinks)
