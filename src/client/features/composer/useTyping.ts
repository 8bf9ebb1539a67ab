import { useCallback, useEffect, useRef, useState } from 'react'

/** From the first key that nobody has kept. Long enough that not every key is written to storage, short enough that a crash costs a word. */
const SAVE_AFTER_MS = 300

/**
 * A text that is being typed. Local, because a keystroke is nobody else's business; told every now and then, and at once when the page or
 * the conversation is left.
 * @param tell - always the same function for the same text
 */
export function useTyping(stored: string, tell: (text: string) => void) {
  const [text, setText] = useState(stored)
  const latest = useRef(stored)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)

  const flush = useCallback(() => {
    if (timer.current === undefined) return
    clearTimeout(timer.current)
    timer.current = undefined
    tell(latest.current)
  }, [tell])

  const change = useCallback(
    (next: string) => {
      latest.current = next
      setText(next)
      if (timer.current === undefined) timer.current = setTimeout(flush, SAVE_AFTER_MS)
    },
    [flush],
  )

  /** Empties the box without telling that: whoever takes the text tells what became of it. */
  const take = useCallback(() => {
    const taken = latest.current
    clearTimeout(timer.current)
    timer.current = undefined
    latest.current = ''
    setText('')
    return taken
  }, [])

  useEffect(() => {
    // what is stored may come after the box is on screen; never over something typed since
    if (timer.current !== undefined) return
    latest.current = stored
    setText(stored)
  }, [stored])

  useEffect(() => {
    const onHidden = () => document.hidden && flush()
    // before those hear it who put away what they were told
    window.addEventListener('pagehide', flush, { capture: true })
    document.addEventListener('visibilitychange', onHidden, { capture: true })
    return () => {
      flush()
      window.removeEventListener('pagehide', flush, { capture: true })
      document.removeEventListener('visibilitychange', onHidden, { capture: true })
    }
  }, [flush])

  return { text, change, take, flush, current: () => latest.current }
}
