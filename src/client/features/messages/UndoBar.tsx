import { useEffect, useState } from 'react'
import { operationWithdrawn } from '#client/live/facts.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { announcer } from '#client/ui/announcer.ts'
import { Button } from '#client/ui/Button.tsx'
import { plural, t } from '#client/words/t.ts'
import type { ConversationId } from '#protocol/ids.ts'
import type { Change } from './changesSlice.ts'
import styles from './UndoBar.module.css'

const NONE: Change[] = []
/** Undoing has to reach the tab that sends before it does. */
const MARGIN_MS = 2_000
const heldUntil = (change: Change): number => (change.name === 'waiting' ? (change.notBefore ?? 0) - MARGIN_MS : 0)

/** What was deleted a moment ago, here or in another tab, and the way back as long as nobody else has heard of it. */
export function UndoBar({ conv }: { conv: ConversationId }) {
  const dispatch = useAppDispatch()
  const [now, setNow] = useState(Date.now)
  const changes = useAppSelector((state) => state.changes.byConv[conv] ?? NONE)
  const held = changes.filter((change) => heldUntil(change) > now)
  const next = Math.min(...held.map(heldUntil))
  useEffect(() => {
    if (next === Infinity) return
    const timer = setTimeout(() => setNow(Date.now()), Math.max(0, next - Date.now()))
    return () => clearTimeout(timer)
  }, [next, now])

  if (held.length === 0) return null
  const isOne = held.length === 1
  return (
    <div ref={leavesFocus} className={styles.bar} role="group" aria-label={t('Deleted a moment ago')}>
      <span>{plural(held.length, 'Message deleted', '{n} messages deleted')}</span>
      <Button
        look="text"
        onClick={() => {
          for (const { operation } of held) dispatch(operationWithdrawn({ conv, opId: operation.opId }))
          announcer.say(isOne ? t('The message is back') : t('The messages are back'))
        }}
      >
        {t('Undo')}
      </Button>
    </div>
  )
}

/** Its time is over sooner or later: who is on its button then goes on where they write. */
function leavesFocus(bar: HTMLElement | null): () => void {
  return () => {
    if (bar?.contains(document.activeElement)) document.querySelector<HTMLElement>('[data-region="composer"]')?.focus()
  }
}
