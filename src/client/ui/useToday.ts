import { useEffect, useState } from 'react'

/** The present to the day: changes at local midnight, when "Today" becomes "Yesterday". */
export function useToday(): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const midnight = new Date(now)
    midnight.setHours(24, 0, 0, 0)
    const timer = setTimeout(() => setNow(Date.now()), midnight.getTime() - Date.now() + 1_000)
    return () => clearTimeout(timer)
  }, [now])
  return now
}
