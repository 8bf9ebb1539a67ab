import { retryNowRequested, useHereRequested } from '#client/live/facts.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectIsLive } from '#client/store/selectors/connection.ts'
import { Button } from '#client/ui/Button.tsx'
import { Spinner } from '#client/ui/Spinner.tsx'
import { timeWithSeconds } from '#client/words/formatDate.ts'
import { t } from '#client/words/t.ts'
import type { Banner } from './banner.ts'
import styles from './ConnectionBanner.module.css'
import { useBanner } from './useBanner.ts'

/** By name, because a function called `use…` is taken for a hook. */
const WISHES = { here: useHereRequested }

/** Pushes the page down while there is something to say about the line, covers nothing, and is gone when there is not. */
export function ConnectionBanner({ unsent, onSignIn }: { unsent: number; onSignIn: () => void }) {
  const banner = useBanner(unsent)
  const syncedAt = useAppSelector((state) => (selectIsLive(state) ? null : (state.connection.synced?.serverAt ?? null)))
  if (!banner) return null
  return (
    <div className={styles.banner} data-testid="connection-banner" data-tone={banner.tone} role="group" aria-label={t('Connection')}>
      {banner.spinner && <Spinner />}
      <p>
        {banner.text}
        {banner.attempt !== null && (
          <span className={styles.attempt} aria-hidden="true">
            {' '}
            {t('(attempt {n})', { n: banner.attempt })}
          </span>
        )}
        {/* ticks are for the eye alone */}
        {banner.countdown !== null && (
          <span className={styles.ticks} aria-hidden="true">
            {' '}
            {banner.countdown}
          </span>
        )}
        {banner.promise !== null && ` ${banner.promise}`}
        {/* the chip says it where there is room, and to who listens */}
        {syncedAt !== null && (
          <span className={styles.synced} aria-hidden="true">
            {' '}
            {t('Up to date as of {time}.', { time: timeWithSeconds(syncedAt) })}
          </span>
        )}
      </p>
      <BannerButton action={banner.action} onSignIn={onSignIn} />
    </div>
  )
}

function BannerButton({ action, onSignIn }: { action: Banner['action']; onSignIn: () => void }) {
  const dispatch = useAppDispatch()
  switch (action) {
    case null:
      return null
    case 'retryNow':
      return (
        <Button className={styles.button} onClick={() => dispatch(retryNowRequested())}>
          {t('Retry now')}
        </Button>
      )
    case 'useHere':
      return (
        <Button className={styles.button} onClick={() => dispatch(WISHES.here())}>
          {t('Use here')}
        </Button>
      )
    case 'reload':
      return (
        <Button className={styles.button} onClick={() => location.reload()}>
          {t('Reload')}
        </Button>
      )
    case 'signIn':
      return (
        <Button className={styles.button} onClick={onSignIn}>
          {t('Sign in')}
        </Button>
      )
  }
}
