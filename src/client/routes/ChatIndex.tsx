import { Empty } from '#client/ui/Empty.tsx'
import { ScreenHeader } from './ScreenHeader.tsx'
import styles from './Screen.module.css'
import { cx } from '#client/ui/cx.ts'

/** On wide screens the place beside the list; on narrow ones only its header is there, above the list. */
export function ChatIndex() {
  return (
    <>
      <ScreenHeader title="Tidemark" back={false} />
      <div className={cx(styles.body, styles.onlyWide)}>
        <Empty title="Choose a conversation">Or start a group with the button above the list. Everything you missed is already here.</Empty>
      </div>
    </>
  )
}
