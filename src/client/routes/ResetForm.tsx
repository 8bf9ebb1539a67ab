import { useState } from 'react'
import { useLocation, useNavigate } from 'react-router-dom'
import forms from '#client/features/account/forms.module.css'
import { passwordFault, passwordHint } from '#client/features/account/loginRules.ts'
import { SignOutOthers } from '#client/features/account/SignOutOthers.tsx'
import { Button } from '#client/ui/Button.tsx'
import { Link } from '#client/ui/Link.tsx'
import { PasswordField } from '#client/ui/PasswordField.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { useWish } from '#client/ui/useWish.ts'
import { t } from '#client/words/t.ts'
import { LOBBY } from '#protocol/ids.ts'
import type { Refusal } from '#protocol/reply.ts'
import { useClient } from './clientContext.ts'

/** `/reset#CODE`: behind the # no server and no log sees it. */
export function ResetForm() {
  const client = useClient()
  const navigate = useNavigate()
  const { hash } = useLocation()
  const [password, setPassword] = useState('')
  const [signOutOthers, setSignOutOthers] = useState(true)
  const [isTried, setTried] = useState(false)
  const wish = useWish(wordsFor)
  const fault = passwordFault(password)
  const submit = async () => {
    setTried(true)
    if (fault) return
    if (await wish.ask(() => client.enter('reset', { code: hash.slice(1), password, signOutOthers })))
      await navigate(`/chat/${LOBBY}`, { replace: true })
  }
  return (
    <form
      className={forms.form}
      aria-label={t('Choose a new password')}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
      }}
    >
      <PasswordField
        label={t('New password')}
        value={password}
        autoComplete="new-password"
        autoFocus
        hint={passwordHint()}
        fault={isTried ? fault : undefined}
        onChange={(event) => setPassword(event.target.value)}
      />
      <SignOutOthers isChosen={signOutOthers} onChoose={setSignOutOthers} />
      {wish.fault && (
        <p role="alert" className={forms.fault}>
          {wish.fault}
        </p>
      )}
      <div className={forms.row}>
        <Button look="primary" type="submit" aria-busy={wish.isAsking}>
          {t('Save password and sign in')}
        </Button>
        <Link to="/">{t('Not now')}</Link>
      </div>
    </form>
  )
}

function wordsFor(refused: Refusal): string {
  if (refused.code === 'E_NOT_FOUND' || refused.code === 'E_INVALID') return t('This link does not work any more. Ask for a new one.')
  if (refused.code === 'E_DEVICE_LIMIT') return t('You are signed in on five devices already. Sign out the others to continue here.')
  return refusalWords(refused)
}
