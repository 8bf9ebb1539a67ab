import { useAppSelector } from '#client/store/hooks.ts'
import { selectPresenceOf } from '#client/store/selectors/presence.ts'
import { VisuallyHidden } from '#client/ui/VisuallyHidden.tsx'
import { t } from '#client/words/t.ts'
import type { UserId } from '#protocol/ids.ts'
import styles from './PresenceDot.module.css'

const words = () => ({ online: t('Online'), away: t('Away'), offline: t('Offline'), unknown: '' })

/** Sits in the corner of an avatar. Told apart by shape: full, crescent, hollow; nothing is claimed while we are not live. */
export function PresenceDot({ user }: { user: UserId }) {
  const { state } = useAppSelector((root) => selectPresenceOf(root, user))
  return (
    <span className={styles.dot} data-testid="presence" data-presence={state}>
      <VisuallyHidden>{words()[state]}</VisuallyHidden>
    </span>
  )
}
