import { cx } from '#client/ui/cx.ts'
import { ChooseConversation } from './ChooseConversation.tsx'
import { ScreenHeader } from './ScreenHeader.tsx'
import styles from './Screen.module.css'

/** On wide screens the place beside the list; on narrow ones only its header is there, above the list. */
export function ChatIndex() {
  return (
    <>
      <ScreenHeader title="Tidemark" back={false} />
      <div className={cx(styles.body, styles.onlyWide)}>
        <ChooseConversation />
      </div>
    </>
  )
}
