import { useCallback, useEffect, useRef, useState } from 'react'
import { draftChanged } from '#client/live/facts.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { selectDraft } from './composerSlice.ts'

/** From the first key that nobody has kept. Long enough that not every key is written to storage, short enough that a crash costs a word. */
const SAVE_AFTER_MS = 300

/**
 * The text of the composer. Local while it is being typed, because a keystroke is nobody else's business; told to the store every
 * now and then, and at once when the page or the conversation is left.
 */
export function useDraft(conv: ConversationId) {
  const dispatch = useAppDispatch()
  const stored = useAppSelector((state) => selectDraft(state, conv))
  const [text, setText] = useState(stored)
  const latest = useRef({ text: stored, touched: false })
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)

  const flush = useCallback(() => {
    if (timer.current === undefined) return
    clearTimeout(timer.current)
    timer.current = undefined
    dispatch(draftChanged({ conv, text: latest.current.text }))
  }, [conv, dispatch])

  const change = useCallback(
    (next: string) => {
      latest.current = { text: next, touched: true }
      setText(next)
      if (timer.current === undefined) timer.current = setTimeout(flush, SAVE_AFTER_MS)
    },
    [flush],
  )

  /** Empties the box without saving that: the draft goes in the same transaction that stores the message. */
  const take = useCallback(() => {
    const taken = latest.current.text
    clearTimeout(timer.current)
    timer.current = undefined
    latest.current = { text: '', touched: true }
    setText('')
    return taken
  }, [])

  useEffect(() => {
    // drafts may come out of storage after the box is on screen; never over something typed since
    if (latest.current.touched || latest.current.text === stored) return
    latest.current.text = stored
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

  return { text, change, take, current: () => latest.current.text }
}
