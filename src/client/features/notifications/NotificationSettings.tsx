import { useSyncExternalStore } from 'react'
import { Choice } from '#client/ui/Choice.tsx'
import { pushPlace, type PushState } from '#client/ui/pushPlace.ts'
import { t } from '#client/words/t.ts'
import { useNotificationChoice } from './useNotificationChoice.ts'

const words = () => ({
  on: t('A message that comes while you look at something else is shown by this device, once, however many tabs are open.'),
  off: t('This device shows nothing of messages that come while you look at something else.'),
  denied: t('Notifications of this page are blocked. Allow them in the browser’s settings for this site, then come back here.'),
  impossible: t('This browser can’t show notifications of this page. It needs an address that begins with https.'),
})

/** What of that holds while no page is open. */
const whileClosed = (): Record<PushState, string> => ({
  held: t('Also while Tidemark is closed.'),
  none: t('Not while Tidemark is closed: this browser has no push service that answers.'),
  unknown: '',
})

/** Whether this device tells of what comes while nobody looks. Nothing is asked of the browser before somebody chooses it here. */
export function NotificationSettings() {
  const [choice, choose] = useNotificationChoice()
  const place = useSyncExternalStore(pushPlace.subscribe, pushPlace.state)
  return (
    <section aria-labelledby="settings-notifications">
      <h2 id="settings-notifications">{t('Notifications')}</h2>
      {(choice === 'on' || choice === 'off') && (
        <Choice
          label={t('On this device')}
          value={choice}
          onChange={(to) => void choose(to)}
          options={[
            { value: 'off', label: t('Off') },
            { value: 'on', label: t('On') },
          ]}
        />
      )}
      <p role="status">
        {words()[choice]}
        {choice === 'on' && ` ${whileClosed()[place]}`}
      </p>
    </section>
  )
}
