import { UploadBars } from '#client/features/files/UploadBars.tsx'
import { OutboxList } from '#client/features/outbox/OutboxList.tsx'
import { t } from '#client/words/t.ts'
import { ScreenHeader } from './ScreenHeader.tsx'
import styles from './Screen.module.css'

export function OutboxScreen() {
  return (
    <>
      <ScreenHeader title={t('Outbox')} subtitle={t('Waiting or not sent')} />
      <div className={styles.body}>
        <UploadBars />
        <OutboxList />
      </div>
    </>
  )
}
