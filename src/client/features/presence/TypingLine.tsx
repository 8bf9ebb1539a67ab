import { useEffect, useReducer } from 'react'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectTypists } from '#client/store/selectors/presence.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { typingEndsAt, typingNow, typingWords } from './typing.ts'
import styles from './TypingLine.module.css'

/** Who is typing here. Runs out by itself, because the signal that it stopped may never come. */
export function TypingLine({ conv }: { conv: ConversationId }) {
  const [woken, wake] = useReducer((count: number) => count + 1, 0)
  const typists = useAppSelector((state) => selectTypists(state, conv))
  const words = useAppSelector((state) => typingWords(typingNow(selectTypists(state, conv), Date.now()).map((typist) => typist.name)))
  useEffect(() => {
    const now = Date.now()
    const endsAt = typingEndsAt(typists, now)
    if (endsAt === null) return
    const timer = setTimeout(wake, endsAt - now)
    return () => clearTimeout(timer)
    // a timer may be a moment early; then waking up sets the next one
  }, [typists, woken])
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
