import { useEffect, useRef, useState, type ReactNode } from 'react'
import { t } from '#client/words/t.ts'
import { IconButton } from './Button.tsx'
import * as laterDrawings from './laterDrawings.tsx'
import styles from './Toast.module.css'

const SHOWS_MS = 5_000
const SHOWS_MS_PER_CHAR = 50

type ToastProps = {
  /** Shown before the text. */ about?: string | null
  text: string
  /** Stays until it is dismissed. */ lasting?: boolean
  /** What can be done about it. */ action?: ReactNode
  onDone: () => void
}

/** One short-lived line. Its time stands still while it is hovered, focused, or nobody can see the page. */
export function Toast({ about = null, text, lasting = false, action, onDone }: ToastProps) {
  const [held, setHeld] = useState(false)
  const [hidden, setHidden] = useState(document.hidden)
  const done = useRef(onDone)
  useEffect(() => {
    done.current = onDone
  })
  useEffect(() => {
    const onChange = () => setHidden(document.hidden)
    document.addEventListener('visibilitychange', onChange)
    return () => document.removeEventListener('visibilitychange', onChange)
  }, [])
  useEffect(() => {
    if (lasting || held || hidden) return
    const timer = setTimeout(() => done.current(), SHOWS_MS + text.length * SHOWS_MS_PER_CHAR)
    return () => clearTimeout(timer)
  }, [lasting, held, hidden, text])
  return (
    <li
      className={styles.toast}
      data-testid="notice"
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span>
        {about !== null && (
          <>
            <bdi className={styles.about}>{about}</bdi>
            {' · '}
          </>
        )}
        {text}
      </span>
      {action}
      <IconButton icon={laterDrawings.close} label={t('Dismiss')} onClick={onDone} />
    </li>
  )
}

/** Where toasts appear: in the flow of the page, so that they cover nothing. */
export function ToastRegion({ children }: { children: ReactNode }) {
  return (
    <section className={styles.region} aria-label={t('Notifications')}>
      <ul>{children}</ul>
    </section>
  )
}
