import { cx } from '#client/ui/cx.ts'
import { patientPart } from '#client/ui/laterPart.ts'
import { ScreenHeader } from './ScreenHeader.tsx'
import styles from './Screen.module.css'

const ChooseConversation = patientPart(() => import('./ChooseConversation.tsx').then((part) => part.ChooseConversation))

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
