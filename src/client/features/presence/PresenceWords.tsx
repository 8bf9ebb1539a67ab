import { useAppSelector } from '#client/store/hooks.ts'
import { selectPresenceOf } from '#client/store/selectors/presence.ts'
import { whenWords } from '#client/ui/times.ts'
import { useToday } from '#client/ui/useToday.ts'
import { t } from '#client/words/t.ts'
import type { UserId } from '#protocol/ids.ts'

/** "Active now", "Last seen at 14:02"; nothing is claimed while we are not connected ourselves. */
export function PresenceWords({ user }: { user: UserId }) {
  const today = useToday()
  const { state, lastSeen } = useAppSelector((root) => selectPresenceOf(root, user))
  switch (state) {
    case 'online':
      return t('Active now')
    case 'away':
      return t('Away')
    case 'offline':
      return lastSeen === null ? t('Not here') : t('Last seen {when}', { when: whenWords(lastSeen, today) })
    case 'unknown':
      return t('Presence unknown for now')
  }
}
