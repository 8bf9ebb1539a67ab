import { canHavePasskeys } from '#client/ui/passkeys.ts'
import { t } from '#client/words/t.ts'
import forms from './forms.module.css'

/** Whether a new password is to keep out whoever came in by the old one. */
export function SignOutOthers({ isChosen, onChoose }: { isChosen: boolean; onChoose: (isChosen: boolean) => void }) {
  return (
    <label className={forms.check}>
      <input type="checkbox" checked={isChosen} onChange={(event) => onChoose(event.target.checked)} />
      {canHavePasskeys() ? t('Sign out my other devices and remove my passkeys') : t('Sign out my other devices')}
    </label>
  )
}
