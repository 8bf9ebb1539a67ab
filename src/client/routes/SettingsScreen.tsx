import { AccountSettings } from '#client/features/account/AccountSettings.tsx'
import { NotificationSettings } from '#client/features/notifications/NotificationSettings.tsx'
import { PrivacySettings } from '#client/features/people/PrivacySettings.tsx'
import { OfflineSettings } from '#client/features/settings/OfflineSettings.tsx'
import { SettingsForm } from '#client/features/settings/SettingsForm.tsx'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectMe } from '#client/store/selectors/session.ts'
import { t } from '#client/words/t.ts'
import { useClient } from './clientContext.ts'
import { ScreenHeader } from './ScreenHeader.tsx'
import screen from './Screen.module.css'
import styles from './SettingsScreen.module.css'
import { useSignOut } from './useSignOut.tsx'

export function SettingsScreen() {
  const { api } = useClient()
  const me = useAppSelector(selectMe)
  const signOut = useSignOut()
  if (!me) return null
  return (
    <>
      <ScreenHeader title={t('Settings')} />
      <div className={screen.body}>
        <div className={styles.settings}>
          <SettingsForm me={me} api={api} />
          <PrivacySettings api={api} />
          <NotificationSettings />
          <OfflineSettings />
          <AccountSettings me={me} api={api} onSignOut={signOut.ask} onDeleted={signOut.leave} />
        </div>
      </div>
      {signOut.question}
    </>
  )
}
