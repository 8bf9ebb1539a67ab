import { useEffect, useReducer } from 'react'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectTypists } from '#client/store/selectors/presence.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { typingEndsAt, typingNow, typingWords } from './presenceSlice.ts'
import styles from './TypingLine.module.css'

/** Who is typing here. Runs out by itself, because the signal that it stopped may never come. */
export function TypingLine({ conv }: { conv: ConversationId }) {
  const typists = useAppSelector((state) => selectTypists(state, conv))
  const [woken, wake] = useReducer((count: number) => count + 1, 0)
  const now = Date.now()
  const endsAt = typingEndsAt(typists, now)
  useEffect(() => {
    if (endsAt === null) return
    const timer = setTimeout(wake, endsAt - Date.now())
    return () => clearTimeout(timer)
    // a timer may be a moment early; then waking up sets the next one
  }, [endsAt, woken])
  const words = typingWords(typingNow(typists, now).map((typist) => typist.name))
  if (words === '') return <span />
  return (
    <span className={styles.typing} data-testid="typing">
      <span className={styles.dots} aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      <bdi>{words}</bdi>
    </span>
  )
}
