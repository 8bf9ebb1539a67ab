import { Component, createRef, type FocusEvent, type ReactNode } from 'react'
import styles from './MessageList.module.css'

/** This close to the end counts as being there: appended rows then stay in sight. */
export const PINNED_WITHIN_PX = 80
/** How many screens before the top the next older rows are wanted. */
const AHEAD_SCREENS = 1.5
/** Room for the date that floats at the top. */
const BELOW_TOP_PX = 48
/** Below this a movement is rounding, not a movement. */
const MOVED_PX = 0.5

export type ScrollPlace = { atEnd: boolean; nearTop: boolean; nearEnd: boolean }

type Props = {
  label: string
  verifiedThrough: number | null
  busy: boolean
  tabIndex: 0 | -1
  /** The end of the list is in the document, so the bottom is the present. */
  hasEnd: boolean
  onPlace: (place: ScrollPlace) => void
  onFocus: (event: FocusEvent<HTMLElement>) => void
  children: ReactNode
}

type Anchor = { row: Element; top: number; hadFocus: boolean }

/**
 * The scroller. Around one child in normal order, `column-reverse` makes the bottom the origin: the browser itself keeps the end in
 * sight while rows are appended or grow, the composer grows, or the keyboard comes up. While somebody reads further up, the row they
 * read stays where it is: measured before React touches the document and put back after. That moment exists only in a class
 * (`getSnapshotBeforeUpdate`), which is why this is one.
 */
export class ScrollKeeper extends Component<Props> {
  scroller = createRef<HTMLDivElement>()
  private frame = 0
  private goesToEnd = false

  override componentDidMount(): void {
    this.tellPlace()
  }

  override componentWillUnmount(): void {
    cancelAnimationFrame(this.frame)
  }

  override getSnapshotBeforeUpdate(before: Props): Anchor | null {
    const scroller = this.scroller.current!
    const hadFocus = scroller.contains(document.activeElement) && document.activeElement !== scroller
    // at the end, and staying there: the browser does it
    if (isAtEnd(scroller) && before.hasEnd && this.props.hasEnd)
      return hadFocus ? { row: scroller, top: scroller.getBoundingClientRect().top, hadFocus } : null
    const row = firstInSight(scroller)
    return row && { row, top: row.getBoundingClientRect().top, hadFocus }
  }

  override componentDidUpdate(_before: Props, _state: unknown, anchor: Anchor | null): void {
    const scroller = this.scroller.current!
    if (this.goesToEnd) scroller.scrollTop = 0
    else if (anchor?.row.isConnected && anchor.row !== scroller) {
      const moved = anchor.row.getBoundingClientRect().top - anchor.top
      if (Math.abs(moved) > MOVED_PX) scroller.scrollTop += moved
    }
    // the row that had the focus left the document: the list keeps it, so that the next arrow key is not lost
    if (anchor?.hadFocus && document.activeElement === document.body) scroller.focus({ preventScroll: true })
    this.tellPlace()
  }

  isAtEnd(): boolean {
    return isAtEnd(this.scroller.current!)
  }

  /** Scrolls back so far that this row is not above the screen. */
  keepInSight(row: Element): void {
    const scroller = this.scroller.current!
    const above = row.getBoundingClientRect().top - scroller.getBoundingClientRect().top
    if (above < 0) scroller.scrollTop += above - BELOW_TOP_PX
  }

  /** Goes to the end now, and once more when what is being drawn is there. */
  toEnd(): void {
    this.scroller.current!.scrollTop = 0
    this.goesToEnd = true
    requestAnimationFrame(() => {
      this.goesToEnd = false
    })
  }

  private tellPlace = () => {
    const scroller = this.scroller.current
    // nothing is laid out (yet): every distance would be 0 and mean nothing
    if (!scroller || scroller.clientHeight === 0) return
    const fromEnd = -scroller.scrollTop
    const fromTop = scroller.scrollHeight - scroller.clientHeight - fromEnd
    const ahead = AHEAD_SCREENS * scroller.clientHeight
    this.props.onPlace({ atEnd: isAtEnd(scroller), nearTop: fromTop < ahead, nearEnd: fromEnd < ahead })
  }

  private onScroll = () => {
    cancelAnimationFrame(this.frame)
    this.frame = requestAnimationFrame(this.tellPlace)
  }

  override render(): ReactNode {
    const { label, verifiedThrough, busy, tabIndex, onFocus, children } = this.props
    return (
      <div
        ref={this.scroller}
        className={styles.scroller}
        role="log"
        aria-live="off"
        aria-label={label}
        aria-busy={busy || undefined}
        data-verified-through={verifiedThrough ?? undefined}
        tabIndex={tabIndex}
        onScroll={this.onScroll}
        onFocus={onFocus}
      >
        <div className={styles.content}>{children}</div>
      </div>
    )
  }
}

const isAtEnd = (scroller: Element): boolean => scroller.scrollTop >= -PINNED_WITHIN_PX

function firstInSight(scroller: Element): Element | null {
  const top = scroller.getBoundingClientRect().top
  for (const row of scroller.querySelectorAll('[data-row]')) if (row.getBoundingClientRect().bottom > top) return row
  return null
}
