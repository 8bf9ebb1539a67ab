import { useEffect, useRef, useState } from 'react'
import { operationRequested } from '#client/live/facts.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { announcer } from '#client/ui/announcer.ts'
import { Button } from '#client/ui/Button.tsx'
import type { ConversationId } from '#protocol/ids.ts'
import { deletionsUndone, type Change } from './changesSlice.ts'
import styles from './UndoBar.module.css'

const HELD_MS = 8_000
const NONE: Change[] = []

/**
 * What was deleted a moment ago, and the way back. Nobody hears of the deletion before the moment is over; leaving the conversation, hiding
 * the page or closing it ends the moment. It stands still while the bar is pointed at or has the focus.
 */
export function UndoBar({ conv }: { conv: ConversationId }) {
  const dispatch = useAppDispatch()
  const changes = useAppSelector((state) => state.changes.byConv[conv] ?? NONE)
  const held = changes.filter(({ name }) => name === 'held')
  const latest = useRef(held)
  const [isPaused, setPaused] = useState(false)
  useEffect(() => {
    latest.current = held
  })

  const commit = useRef(() => {})
  useEffect(() => {
    commit.current = () => {
      for (const { operation } of latest.current) dispatch(operationRequested({ conv, operation }))
      latest.current = []
    }
  }, [conv, dispatch])

  const count = held.length
  useEffect(() => {
    if (count === 0 || isPaused) return
    const timer = setTimeout(() => commit.current(), HELD_MS)
    return () => clearTimeout(timer)
  }, [count, isPaused])

  useEffect(() => {
    const onHidden = () => document.hidden && commit.current()
    const onLeave = () => commit.current()
    // before those hear it who put away what they were told
    window.addEventListener('pagehide', onLeave, { capture: true })
    document.addEventListener('visibilitychange', onHidden, { capture: true })
    return () => {
      window.removeEventListener('pagehide', onLeave, { capture: true })
      document.removeEventListener('visibilitychange', onHidden, { capture: true })
      commit.current()
    }
  }, [conv])

  if (count === 0) return null
  return (
    <div
      className={styles.bar}
      role="group"
      aria-label="Deleted a moment ago"
      onPointerEnter={() => setPaused(true)}
      onPointerLeave={() => setPaused(false)}
      onFocus={() => setPaused(true)}
      onBlur={() => setPaused(false)}
    >
      <span>{count === 1 ? 'Message deleted' : `${count} messages deleted`}</span>
      <Button
        look="text"
        onClick={() => {
          setPaused(false)
          dispatch(deletionsUndone({ conv }))
          announcer.say(count === 1 ? 'The message is back' : 'The messages are back')
          document.querySelector<HTMLElement>('[data-region="composer"]')?.focus()
        }}
      >
        Undo
      </Button>
    </div>
  )
}
