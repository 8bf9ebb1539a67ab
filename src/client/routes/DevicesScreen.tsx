import { DeviceList } from '#client/features/account/DeviceList.tsx'
import { Button } from '#client/ui/Button.tsx'
import { Empty } from '#client/ui/Empty.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { useAnswer } from '#client/ui/useAnswer.ts'
import { useWish } from '#client/ui/useWish.ts'
import { t } from '#client/words/t.ts'
import { DEVICES_MAX } from '#protocol/limits.ts'
import { useClient } from './clientContext.ts'
import styles from './DevicesScreen.module.css'
import screen from './Screen.module.css'
import { ScreenHeader } from './ScreenHeader.tsx'
import { useSignOut } from './useSignOut.tsx'

/** `/devices`: the browsers in which this person is signed in. */
export function DevicesScreen() {
  const { api } = useClient()
  const { answer, again } = useAnswer('devices', () => api.devices())
  const wish = useWish()
  const signOut = useSignOut()
  const then = (granted: unknown) => granted !== undefined && again()
  return (
    <>
      <ScreenHeader title={t('Devices')} />
      <div className={screen.body}>
        {answer === null ? (
          <p role="status">{t('Looking up your devices…')}</p>
        ) : !answer.ok ? (
          <Empty title={t('Your devices could not be looked up')} action={<Button onClick={again}>{t('Try again')}</Button>}>
            {refusalWords(answer)}
          </Empty>
        ) : (
          <div className={styles.devices}>
            <p className={styles.words}>
              {t(
                'You are signed in here. The tabs of one browser are one device; there can be {n}. Whoever is signed out is disconnected at once, and what waits there to be sent stays there.',
                { n: DEVICES_MAX },
              )}
            </p>
            <DeviceList
              devices={answer.devices}
              action={t('Sign out')}
              onSignOut={(device) =>
                answer.devices.some((one) => one.isThis && one.deviceId === device)
                  ? signOut.ask()
                  : void wish.ask(() => api.signOutDevice(device)).then(then)
              }
            />
            {wish.fault && <p role="alert">{wish.fault}</p>}
            {answer.devices.length > 1 && (
              <div>
                <Button look="danger" onClick={() => void wish.ask(() => api.signOutOthers()).then(then)}>
                  {t('Sign out all others')}
                </Button>
              </div>
            )}
          </div>
        )}
      </div>
      {signOut.question}
    </>
  )
}
