import type { RefObject } from 'react'
import * as drawings from '#client/ui/drawings.tsx'
import { Icon } from '#client/ui/Icon.tsx'
import { plural, t } from '#client/words/t.ts'
import styles from './MessageList.module.css'
import type { Row } from './rowsFor.ts'
import type { ScrollKeeper } from './ScrollKeeper.tsx'

type JumpToLatestProps = {
  rows: readonly Row[]
  /** What there was when the reader was last at the end. */
  seen: RefObject<readonly Row[]>
  /** The reader is at the end, and stays there. */
  pinned: boolean
  keeper: RefObject<ScrollKeeper | null>
  onJump: () => void
}

/** The way back to the present, and what came there meanwhile. */
export function JumpToLatest({ rows, seen, pinned, keeper, onJump }: JumpToLatestProps) {
  if (pinned) return null
  const unseen = countUnseen(rows, lastSeqOf(seen.current))
  return (
    <button
      type="button"
      className={styles.jump}
      data-testid="jump-latest"
      data-count={unseen}
      aria-label={unseen > 0 ? plural(unseen, 'Jump to latest, 1 new', 'Jump to latest, {n} new') : t('Jump to latest')}
      onClick={() => {
        onJump()
        keeper.current?.scroller.current?.focus({ preventScroll: true })
      }}
    >
      <Icon drawing={drawings.arrowDown} />
      {unseen > 0 && <span>{plural(unseen, '1 new message', '{n} new messages')}</span>}
    </button>
  )
}

/** Messages of others that came while somebody was reading further up. */
function countUnseen(rows: readonly Row[], seen: number | null): number {
  if (seen === null) return 0
  let count = 0
  for (let at = rows.length - 1; at >= 0; at--) {
    const row = rows[at]!
    if (row.kind !== 'message' || row.seq === null) continue
    if (row.seq <= seen) break
    if (!row.mine) count++
  }
  return count
}

const lastSeqOf = (rows: readonly Row[]): number | null => {
  for (let at = rows.length - 1; at >= 0; at--) {
    const row = rows[at]!
    if (row.kind === 'message' && row.seq !== null) return row.seq
  }
  return null
}
