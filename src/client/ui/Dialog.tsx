import { useEffect, useId, useRef, type ReactNode } from 'react'
import { createPortal } from 'react-dom'
import { t } from '#client/words/t.ts'
import { IconButton } from './Button.tsx'
import styles from './Dialog.module.css'
import { cx } from './cx.ts'
import * as laterDrawings from './laterDrawings.tsx'

type DialogProps = {
  title: string
  /** Absent for a dialog that can only be answered, never dismissed. */
  onClose?: (() => void) | undefined
  /** `side`: a drawer at the inline end on wide screens; `wide`: as wide as there is room. */
  place?: 'middle' | 'side' | 'wide'
  /** Whose the focus is afterwards, where something else has it by the time the dialog is here. */
  before?: Element | null | undefined
  children: ReactNode
}

/**
 * A modal dialog while it is mounted. The native element traps the focus and makes the page behind inert; afterwards the focus
 * is with whoever had it. It is on its title at first, or on what is marked with `data-autofocus`. It stands at the end of the body:
 * an open dialog that a narrower window hides with what it belongs to would leave a page that answers to nothing.
 */
export function Dialog({ title, onClose, place = 'middle', before, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const opener = useRef(before)
  const titleId = useId()
  useEffect(() => {
    const dialog = ref.current!
    const places = placesAround(opener.current ?? document.activeElement)
    dialog.showModal()
    // the browser looks for an attribute that React does not write, and what React focused was not on screen yet
    dialog.querySelector<HTMLElement>('[data-autofocus]')?.focus()
    return () => {
      dialog.close()
      // a dialog that was taken out of the document gives the focus to nobody, and React hears of no focus while it takes it out
      if (document.activeElement === document.body) places.find((place) => place.isConnected)?.focus({ preventScroll: true })
    }
  }, [])
  return createPortal(
    <dialog
      ref={ref}
      className={cx(styles.dialog, place !== 'middle' && styles[place])}
      aria-labelledby={titleId}
      onCancel={(event) => {
        // the parent decides: it unmounts us, or it does not
        event.preventDefault()
        onClose?.()
      }}
      // Chromium closes on a second Escape whatever `cancel` said; a question that must be answered opens again
      onClose={() => ref.current?.isConnected && !ref.current.open && (onClose ? onClose() : ref.current.showModal())}
      onMouseDown={(event) => event.target === ref.current && onClose?.()}
    >
      <div className={styles.inside}>
        <header className={styles.head}>
          <h2 id={titleId} tabIndex={-1}>
            {title}
          </h2>
          {onClose && <IconButton icon={laterDrawings.close} label={t('Close')} onClick={onClose} />}
        </header>
        {children}
      </div>
    </dialog>,
    document.body,
  )
}

/** What has the focus, and what around it can have it: the button may be gone by the time its dialog is closed. */
function placesAround(focused: Element | null): HTMLElement[] {
  const places: HTMLElement[] = []
  for (let at = focused; at instanceof HTMLElement; at = at.parentElement) if (at === focused || at.hasAttribute('tabindex')) places.push(at)
  return places
}

/** The row of buttons at the end of a dialog. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>
}
