import { useState } from 'react'
import type { Api } from '#client/live/client.ts'
import { Button } from '#client/ui/Button.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { PasswordField } from '#client/ui/PasswordField.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { useWish } from '#client/ui/useWish.ts'
import { t } from '#client/words/t.ts'
import type { Me } from '#protocol/session.ts'

type DeleteAccountDialogProps = { me: Me; deleteAccount: Api['deleteAccount']; onDeleted: () => void; onClose: () => void }

export function DeleteAccountDialog({ me, deleteAccount, onDeleted, onClose }: DeleteAccountDialogProps) {
  const [password, setPassword] = useState('')
  const wish = useWish((refused) => (refused.code === 'E_CREDENTIALS' ? t('The password is not right.') : refusalWords(refused)))
  const confirm = async () => {
    if (await wish.ask(() => deleteAccount(me.isGuest ? undefined : password))) onDeleted()
  }
  return (
    <Dialog title={t('Delete your account?')} onClose={onClose}>
      <p>
        {t(
          'Your name, your settings and your sign-ins are deleted, on every device and for good. What you wrote stays in its conversations, under “Deleted account”. To have it, export your data first.',
        )}
      </p>
      {!me.isGuest && (
        <PasswordField label={t('Password')} value={password} autoComplete="current-password" onChange={(event) => setPassword(event.target.value)} />
      )}
      {wish.fault && <p role="alert">{wish.fault}</p>}
      <DialogActions>
        <Button onClick={onClose}>{t('Keep account')}</Button>
        <Button look="danger" aria-busy={wish.isAsking} onClick={() => void confirm()}>
          {t('Delete account')}
        </Button>
      </DialogActions>
    </Dialog>
  )
}
