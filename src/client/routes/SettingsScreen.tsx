import { SettingsForm } from '#client/features/settings/SettingsForm.tsx'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectMe } from '#client/store/selectors/session.ts'
import { useClient } from './clientContext.ts'
import { ScreenHeader } from './ScreenHeader.tsx'
import styles from './Screen.module.css'
import { useSignOut } from './useSignOut.tsx'

export function SettingsScreen() {
  const client = useClient()
  const me = useAppSelector(selectMe)
  const signOut = useSignOut()
  if (!me) return null
  return (
    <>
      <ScreenHeader title="Settings" />
      <div className={styles.body}>
        <SettingsForm me={me} renameMe={client.api.renameMe} onSignOut={signOut.ask} />
      </div>
      {signOut.question}
    </>
  )
}
