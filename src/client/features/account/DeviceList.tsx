import { Button } from '#client/ui/Button.tsx'
import { whenWords } from '#client/ui/times.ts'
import { useToday } from '#client/ui/useToday.ts'
import { t } from '#client/words/t.ts'
import type { Device } from '#protocol/device.ts'
import type { DeviceId } from '#protocol/ids.ts'
import styles from './DeviceList.module.css'

type DeviceListProps = { devices: Device[]; /** what its button says */ action: string; onSignOut: (device: DeviceId) => void }

/** Where somebody is signed in, and the way to end each. */
export function DeviceList({ devices, action, onSignOut }: DeviceListProps) {
  const today = useToday()
  return (
    <ul className={styles.devices}>
      {devices.map(({ deviceId, label, signedInAt, lastSeenAt, isConnected, isThis }) => (
        <li key={deviceId} data-testid="device-row" data-device-id={deviceId} data-this={isThis || undefined}>
          <span className={styles.words}>
            <bdi className={styles.name}>{isThis ? t('{label} (this device)', { label }) : label}</bdi>
            <span className={styles.when}>
              {isConnected ? t('Connected now') : t('Last seen {when}', { when: whenWords(lastSeenAt, today) })} ·{' '}
              {t('signed in {when}', { when: whenWords(signedInAt, today) })}
            </span>
          </span>
          <Button
            aria-label={t('{action}: {label}, signed in {when}', { action, label, when: whenWords(signedInAt, today) })}
            onClick={() => onSignOut(deviceId)}
          >
            {action}
          </Button>
        </li>
      ))}
    </ul>
  )
}
