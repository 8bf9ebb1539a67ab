import { useCallback, useEffect, useRef, useState } from 'react'

/**
 * The answer to `question`, asked once when it is new and once more on each `again()`; null until it is there. What comes late, to an
 * older question or after the page was left, is dropped.
 */
export function useAnswer<Answer>(question: string, ask: () => Promise<Answer>): { answer: Answer | null; again: () => void } {
  const [tries, setTries] = useState(0)
  const [got, setGot] = useState<{ to: string; answer: Answer } | null>(null)
  const latestAsk = useRef(ask)
  useEffect(() => {
    latestAsk.current = ask
  })
  const name = `${question} ${tries}`
  useEffect(() => {
    let left = false
    void latestAsk.current().then((answer) => {
      if (!left) setGot({ to: name, answer })
    })
    return () => {
      left = true
    }
  }, [name])
  const again = useCallback(() => setTries((count) => count + 1), [])
  return { answer: got?.to === name ? got.answer : null, again }
}
