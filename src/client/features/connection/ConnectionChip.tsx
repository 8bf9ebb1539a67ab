import { useAppSelector } from '#client/store/hooks.ts'
import { selectConnectionName } from '#client/store/selectors/connection.ts'
import { timeWithSeconds } from '#client/words/formatDate.ts'
import { t } from '#client/words/t.ts'
import { chipFor } from './connectionName.ts'
import styles from './ConnectionChip.module.css'

/** One word about the line, at once and without any delay. Not live: the announcer speaks. */
export function ConnectionChip() {
  const name = useAppSelector(selectConnectionName)
  const synced = useAppSelector((state) => state.connection.synced)
  return (
    <span className={styles.chip} data-state={name}>
      <span className={styles.dot} aria-hidden="true" />
      <span data-testid="connection-status">{chipFor(name)}</span>
      {synced && (
        <time className={styles.synced} data-testid="synced-at" dateTime={new Date(synced.serverAt).toISOString()}>
          {t('Up to date as of {time}', { time: timeWithSeconds(synced.serverAt) })}
        </time>
      )}
    </span>
  )
}
