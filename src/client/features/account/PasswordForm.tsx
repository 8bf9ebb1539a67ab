import { useState } from 'react'
import type { Api } from '#client/live/client.ts'
import { Button } from '#client/ui/Button.tsx'
import { PasswordField } from '#client/ui/PasswordField.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { useWish } from '#client/ui/useWish.ts'
import { t } from '#client/words/t.ts'
import forms from './forms.module.css'
import { passwordFault, passwordHint } from './loginRules.ts'
import { SignOutOthers } from './SignOutOthers.tsx'

type PasswordFormProps = { change: Api['changePassword']; onChanged: () => void; onBack: () => void }

export function PasswordForm({ change, onChanged, onBack }: PasswordFormProps) {
  const [password, setPassword] = useState('')
  const [newPassword, setNewPassword] = useState('')
  const [signOutOthers, setSignOutOthers] = useState(true)
  const [isTried, setTried] = useState(false)
  const wish = useWish((refused) => (refused.code === 'E_CREDENTIALS' ? t('The old password is not right.') : refusalWords(refused)))
  const fault = passwordFault(newPassword)
  const submit = async () => {
    setTried(true)
    if (!fault && (await wish.ask(() => change({ password, newPassword, signOutOthers })))) onChanged()
  }
  return (
    <form
      className={forms.form}
      aria-label={t('Change password')}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <PasswordField
        label={t('Old password')}
        value={password}
        autoComplete="current-password"
        autoFocus
        onChange={(event) => setPassword(event.target.value)}
      />
      <PasswordField
        label={t('New password')}
        value={newPassword}
        autoComplete="new-password"
        hint={passwordHint()}
        fault={isTried ? fault : undefined}
        onChange={(event) => setNewPassword(event.target.value)}
      />
      <SignOutOthers isChosen={signOutOthers} onChoose={setSignOutOthers} />
      {wish.fault && (
        <p role="alert" className={forms.fault}>
          {wish.fault}
        </p>
      )}
      <div className={forms.row}>
        <Button look="primary" type="submit" aria-busy={wish.isAsking}>
          {t('Save password')}
        </Button>
        <Button onClick={onBack}>{t('Back')}</Button>
      </div>
    </form>
  )
}
