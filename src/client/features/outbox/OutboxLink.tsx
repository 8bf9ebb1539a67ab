import { useAppSelector } from '#client/store/hooks.ts'
import { selectOutboxCount } from '#client/store/selectors/outbox.ts'
import { Icon } from '#client/ui/Icon.tsx'
import * as laterDrawings from '#client/ui/laterDrawings.tsx'
import { Link } from '#client/ui/Link.tsx'
import { VisuallyHidden } from '#client/ui/VisuallyHidden.tsx'
import { t } from '#client/words/t.ts'
import styles from './OutboxLink.module.css'

/** How much is waiting or was refused, and the way to it; nothing while the outbox is empty. */
export function OutboxLink() {
  const count = useAppSelector(selectOutboxCount)
  if (count === 0) return null
  return (
    <Link to="/outbox" className={styles.link} title={t('Outbox')}>
      <Icon drawing={laterDrawings.outbox} />
      <VisuallyHidden>{t('Outbox:')} </VisuallyHidden>
      <span data-testid="outbox-count">{count}</span>
    </Link>
  )
}
