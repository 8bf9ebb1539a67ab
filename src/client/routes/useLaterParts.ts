import { useEffect } from 'react'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectIsLive } from '#client/store/selectors/connection.ts'
import { loadLaterParts } from '#client/ui/laterPart.ts'

/** Long enough after the first catch-up that nothing competes with it. */
const AFTER_MS = 1_500

/** Once everything missed is here, the rest of the page comes too, so that all of it works when the line drops. */
export function useLaterParts(): void {
  const isLive = useAppSelector(selectIsLive)
  useEffect(() => {
    if (!isLive) return
    const timer = setTimeout(loadLaterParts, AFTER_MS)
    return () => clearTimeout(timer)
  }, [isLive])
}
