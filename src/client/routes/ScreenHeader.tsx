import type { ReactNode } from 'react'
import { ConnectionChip } from '#client/features/connection/ConnectionChip.tsx'
import * as drawings from '#client/ui/drawings.tsx'
import { Icon } from '#client/ui/Icon.tsx'
import { patientPart } from '#client/ui/laterPart.ts'
import { Link } from '#client/ui/Link.tsx'
import { t } from '#client/words/t.ts'
import styles from './ScreenHeader.module.css'

const OutboxLink = patientPart(() => import('#client/features/outbox/OutboxLink.tsx').then((part) => part.OutboxLink))

type ScreenHeaderProps = {
  title: string
  subtitle?: ReactNode
  picture?: ReactNode
  actions?: ReactNode
  /** The list of conversations itself has nowhere to go back to. */
  back?: boolean
}

/** The top of every signed-in screen: where one is, what waits, and how the line is. */
export function ScreenHeader({ title, subtitle, picture, actions, back = true }: ScreenHeaderProps) {
  return (
    <header className={styles.header}>
      {back && (
        <Link to="/chat" className={styles.back} aria-label={t('Back to conversations')}>
          <Icon drawing={drawings.back} size={20} />
        </Link>
      )}
      {picture && <span className={styles.picture}>{picture}</span>}
      <h1 id="screen-title" tabIndex={-1} className={styles.title}>
        <bdi>{title}</bdi>
      </h1>
      {subtitle && <p className={styles.subtitle}>{subtitle}</p>}
      <div className={styles.chips}>
        <OutboxLink />
        <ConnectionChip />
      </div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </header>
  )
}
