import { useState } from 'react'
import type { Api } from '#client/live/client.ts'
import { Button } from '#client/ui/Button.tsx'
import { Link } from '#client/ui/Link.tsx'
import { canHavePasskeys } from '#client/ui/passkeys.ts'
import { saveFile } from '#client/ui/saveFile.ts'
import { useWish } from '#client/ui/useWish.ts'
import { t } from '#client/words/t.ts'
import type { Me } from '#protocol/session.ts'
import { AccountForm } from './AccountForm.tsx'
import { DeleteAccountDialog } from './DeleteAccountDialog.tsx'
import { PasskeySettings, type PasskeyAsks } from './PasskeySettings.tsx'
import { PasswordForm } from './PasswordForm.tsx'
import forms from './forms.module.css'

type AccountSettingsProps = {
  me: Me
  api: Pick<Api, 'keepAccount' | 'changePassword' | 'exportData' | 'deleteAccount' | PasskeyAsks>
  onSignOut: () => void
  /** The account is no more. */ onDeleted: () => void
}

/** How this person comes back, takes their words along, and goes. */
export function AccountSettings({ me, api, onSignOut, onDeleted }: AccountSettingsProps) {
  const [open, setOpen] = useState<'keep' | 'password' | 'delete' | null>(null)
  const [done, setDone] = useState<string | null>(null)
  const exporting = useWish()
  const close = (words: string | null) => () => {
    setOpen(null)
    setDone(words)
  }
  const show = (what: typeof open) => () => {
    setDone(null)
    setOpen(what)
  }
  const exportAll = async () => {
    const granted = await exporting.ask(() => api.exportData())
    if (granted) saveFile('tidemark-export.json', JSON.stringify(granted.exported, null, 2))
  }
  return (
    <section aria-labelledby="settings-account">
      <h2 id="settings-account">{t('Account')}</h2>
      <p className={forms.words}>
        {me.isGuest
          ? t(
              'You are here as a guest. Your name and your conversations stay with this browser until you sign out. Keep them in an account to come back from anywhere.',
            )
          : t('You are registered, and can sign in from anywhere.')}
      </p>
      {open === 'keep' && (
        <AccountForm
          action={t('Keep account')}
          asksName={false}
          make={({ login, password }) => api.keepAccount(login, password)}
          onMade={close(t('Your account is kept. Sign in with it from anywhere.'))}
          onBack={close(null)}
        />
      )}
      {open === 'password' && <PasswordForm change={api.changePassword} onChanged={close(t('Your password was changed.'))} onBack={close(null)} />}
      {done && <p role="status">{done}</p>}
      {exporting.fault && <p role="alert">{exporting.fault}</p>}
      {/* read anew when something was done: a changed password may have taken them away */}
      {!me.isGuest && canHavePasskeys() && <PasskeySettings key={done} api={api} />}
      <div className={forms.row}>
        {open === null &&
          (me.isGuest ? (
            <Button look="primary" onClick={show('keep')}>
              {t('Keep this account')}
            </Button>
          ) : (
            <Button onClick={show('password')}>{t('Change password')}</Button>
          ))}
        <Link to="/devices" className={forms.link}>
          {t('Devices')}
        </Link>
        <Button aria-busy={exporting.isAsking} onClick={() => void exportAll()}>
          {t('Export my data')}
        </Button>
        <Button onClick={onSignOut}>{t('Sign out')}</Button>
        <Button look="danger" onClick={show('delete')}>
          {t('Delete account')}
        </Button>
      </div>
      {open === 'delete' && <DeleteAccountDialog me={me} deleteAccount={api.deleteAccount} onDeleted={onDeleted} onClose={close(null)} />}
    </section>
  )
}
