import { useAppSelector } from '#client/store/hooks.ts'
import { selectConnectionName } from '#client/store/selectors/connection.ts'
import { timeWithSeconds } from '#client/ui/timeWithSeconds.ts'
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
        <span className={styles.synced} data-testid="synced-at">
          Up to date as of <time dateTime={new Date(synced.serverAt).toISOString()}>{timeWithSeconds(synced.serverAt)}</time>
        </span>
      )}
    </span>
  )
}
