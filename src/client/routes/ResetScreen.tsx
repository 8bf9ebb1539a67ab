import { t } from '#client/words/t.ts'
import { ResetForm } from './ResetForm.tsx'
import screen from './Screen.module.css'
import { ScreenHeader } from './ScreenHeader.tsx'
import styles from './ResetScreen.module.css'

/** `/reset` where somebody is signed in: perhaps the one whose link it is, perhaps not. */
export function ResetScreen() {
  return (
    <>
      <ScreenHeader title={t('Choose a new password')} />
      <div className={screen.body}>
        <div className={styles.form}>
          <ResetForm />
        </div>
      </div>
    </>
  )
}
