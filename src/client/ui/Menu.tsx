import { useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import * as drawings from './drawings.tsx'
import { Icon, type Drawing } from './Icon.tsx'
import styles from './Menu.module.css'
import { Button, type ButtonProps } from './Button.tsx'

export type MenuItem = {
  label: string
  /** Shown in the place of the label, as the icon is in a row; the label is only heard then. */ sign?: string
  icon?: Drawing
  onSelect: () => void
  /** Present for items that are switched on or off. */ checked?: boolean
}

type MenuProps = {
  label: string
  button: ReactNode
  items: MenuItem[]
  look?: ButtonProps['look']
  className?: string | undefined
  /** `row`: side by side. */ lay?: 'column' | 'row'
  /** Of the button, for where a list is one Tab stop. */ tabIndex?: 0 | -1
}

/** Between the button and what it opens, and between that and the edge of the window. */
const GAP_PX = 4

/**
 * A menu button as the ARIA practices describe it: arrows, Home, End, first letters, Escape; Tab leaves and closes. What it opens lies over
 * everything, beside its button where there is room for it.
 */
export function Menu({ label, button, items, look = 'quiet', className, lay = 'column', tabIndex = 0 }: MenuProps) {
  const [open, setOpen] = useState<'first' | 'last' | null>(null)
  const opener = useRef<HTMLButtonElement>(null)
  const popup = useRef<HTMLDivElement>(null)
  const id = useId()

  const rows = () => [...(popup.current?.querySelectorAll<HTMLElement>('[data-item]') ?? [])]
  const close = (focus: boolean) => {
    setOpen(null)
    if (focus) opener.current?.focus()
  }

  useLayoutEffect(() => {
    const panel = popup.current
    if (open === null || !panel) return
    panel.showPopover()
    const from = opener.current!.getBoundingClientRect()
    const { width, height } = panel.getBoundingClientRect()
    const isRoomBelow = from.bottom + GAP_PX + height <= innerHeight
    const endsThere = getComputedStyle(panel).direction === 'rtl' ? from.left : from.right - width
    panel.style.insetBlockStart = `${Math.max(GAP_PX, isRoomBelow ? from.bottom + GAP_PX : from.top - GAP_PX - height)}px`
    panel.style.left = `${Math.max(GAP_PX, Math.min(innerWidth - width - GAP_PX, endsThere))}px`
  }, [open])

  useEffect(() => {
    if (open === null) return
    const all = rows()
    all[open === 'first' ? 0 : all.length - 1]?.focus()
    const onPointerDown = (event: PointerEvent) => {
      const target = event.target as Node
      if (!popup.current?.contains(target) && !opener.current?.contains(target)) setOpen(null)
    }
    document.addEventListener('pointerdown', onPointerDown)
    return () => document.removeEventListener('pointerdown', onPointerDown)
  }, [open])

  const onKeyDown = (event: KeyboardEvent) => {
    const all = rows()
    const at = all.indexOf(document.activeElement as HTMLElement)
    const go = (index: number) => all[(index + all.length) % all.length]?.focus()
    const [onwards, back] = getComputedStyle(event.currentTarget).direction === 'ltr' ? ['ArrowRight', 'ArrowLeft'] : ['ArrowLeft', 'ArrowRight']
    if (event.key === 'ArrowDown' || (lay === 'row' && event.key === onwards)) go(at + 1)
    else if (event.key === 'ArrowUp' || (lay === 'row' && event.key === back)) go(at - 1)
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
      // a column has nothing beside it, and what is around it is not to move
    } else if (event.key === 'Home') go(0)
    else if (event.key === 'End') go(all.length - 1)
    else if (event.key === 'Escape') close(true)
    else if (event.key === 'Tab') return close(false)
    else if (event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.metaKey) {
      const letter = event.key.toLowerCase()
      const starting = all.filter((row) => row.textContent.trim().toLowerCase().startsWith(letter))
      const next = starting.find((row) => all.indexOf(row) > at) ?? starting[0]
      next?.focus()
    } else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div className={styles.menu}>
      <Button
        ref={opener}
        look={look}
        className={className}
        tabIndex={tabIndex}
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open !== null}
        aria-controls={open === null ? undefined : id}
        onClick={() => setOpen(open === null ? 'first' : null)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
          event.preventDefault()
          event.stopPropagation()
          setOpen(event.key === 'ArrowDown' ? 'first' : 'last')
        }}
      >
        {button}
      </Button>
      {open !== null && (
        <div id={id} ref={popup} popover="manual" role="menu" aria-label={label} className={styles.popup} data-lay={lay} onKeyDown={onKeyDown}>
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              data-item=""
              role={item.checked === undefined ? 'menuitem' : lay === 'row' ? 'menuitemcheckbox' : 'menuitemradio'}
              title={lay === 'row' ? item.label : undefined}
              aria-checked={item.checked}
              tabIndex={-1}
              className={styles.item}
              onClick={() => {
                close(true)
                item.onSelect()
              }}
            >
              {lay === 'row' ? (
                <>
                  {item.icon ? (
                    <Icon drawing={item.icon} />
                  ) : (
                    <span className="emoji" aria-hidden="true">
                      {item.sign}
                    </span>
                  )}
                  <span className="vh">{item.label}</span>
                </>
              ) : (
                <>
                  {item.icon ? <Icon drawing={item.icon} /> : <span className={styles.blank} />}
                  {item.label}
                  {item.checked && <Icon drawing={drawings.check} />}
                </>
              )}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}
