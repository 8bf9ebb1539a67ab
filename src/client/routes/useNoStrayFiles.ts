import { useEffect } from 'react'

/** Files that are dropped where nobody takes them, as on a dialog: the browser would show them in the place of the page. */
export function useNoStrayFiles(): void {
  useEffect(() => {
    const stop = new AbortController()
    // what is around the page hears of it last
    for (const type of ['dragover', 'drop'] as const)
      window.addEventListener(
        type,
        (event) => {
          if (event.defaultPrevented || event.dataTransfer?.types.includes('Files') !== true) return
          event.preventDefault()
          event.dataTransfer.dropEffect = 'none'
        },
        { signal: stop.signal },
      )
    return () => stop.abort()
  }, [])
}
