import { Empty } from '#client/ui/Empty.tsx'
import { Link } from '#client/ui/Link.tsx'
import { t } from '#client/words/t.ts'
import { ScreenHeader } from './ScreenHeader.tsx'
import styles from './Screen.module.css'

export function NotFoundScreen() {
  return (
    <>
      <ScreenHeader title={t('Not found')} />
      <div className={styles.body}>
        <Empty title={t('There is nothing at this address')} action={<Link to="/chat">{t('Go to your conversations')}</Link>} />
      </div>
    </>
  )
}
