import { useSyncExternalStore } from 'react'
import { Choice } from '#client/ui/Choice.tsx'
import { pushPlace, type PushState } from '#client/ui/pushPlace.ts'
import { useNotificationChoice } from './useNotificationChoice.ts'

const WORDS = {
  on: 'A message that comes while you look at something else is shown by this device, once, however many tabs are open.',
  off: 'This device shows nothing of messages that come while you look at something else.',
  denied: 'Notifications of this page are blocked. Allow them in the browser’s settings for this site, then come back here.',
  impossible: 'This browser can’t show notifications of this page. It needs an address that begins with https.',
} as const

/** What of that holds while no page is open. */
const WHILE_CLOSED: Record<PushState, string> = {
  held: ' Also while Tidemark is closed.',
  none: ' Not while Tidemark is closed: this browser has no push service that answers.',
  unknown: '',
}

/** Whether this device tells of what comes while nobody looks. Nothing is asked of the browser before somebody chooses it here. */
export function NotificationSettings() {
  const [choice, choose] = useNotificationChoice()
  const place = useSyncExternalStore(pushPlace.subscribe, pushPlace.state)
  return (
    <section aria-labelledby="settings-notifications">
      <h2 id="settings-notifications">Notifications</h2>
      {(choice === 'on' || choice === 'off') && (
        <Choice
          label="On this device"
          value={choice}
          onChange={(to) => void choose(to)}
          options={[
            { value: 'off', label: 'Off' },
            { value: 'on', label: 'On' },
          ]}
        />
      )}
      <p role="status">
        {WORDS[choice]}
        {choice === 'on' && WHILE_CLOSED[place]}
      </p>
    </section>
  )
}
