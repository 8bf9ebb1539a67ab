import { useState } from 'react'
import { SignInForm } from '#client/features/account/SignInForm.tsx'
import type { SessionState } from '#client/features/session/sessionSlice.ts'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectUnsentCount } from '#client/store/selectors/outbox.ts'
import { Button } from '#client/ui/Button.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { useWish } from '#client/ui/useWish.ts'
import { plural, t } from '#client/words/t.ts'
import { tx } from '#client/words/tx.tsx'
import type { Me } from '#protocol/session.ts'
import { useClient } from './clientContext.ts'

type Ended = NonNullable<Extract<SessionState, { name: 'signedIn' }>['ended']>

const reasonFor = (code: Ended['code']): string =>
  code === 'SIGNED_OUT'
    ? t('You signed out in another tab.')
    : code === 'E_DEVICE_REVOKED'
      ? t('This device was signed out.')
      : t('The server no longer knows this sign-in.')

/**
 * The session is gone, the page is not: signing in happens over it, and everything on it stays. Once it succeeded the session is another one
 * and this dialog is gone.
 */
export function SignInDialog({ me, ended, onPutOff }: { me: Me; ended: Ended; onPutOff: () => void }) {
  const client = useClient()
  const unsent = useAppSelector(selectUnsentCount)
  const wish = useWish()
  const [way, setWay] = useState<'guest' | 'login'>(me.isGuest ? 'guest' : 'login')
  const waiting = <strong>{plural(unsent, '1 message is waiting', '{n} messages are waiting')}</strong>
  return (
    <Dialog title={t('Your session ended')} onClose={onPutOff}>
      <p>
        {reasonFor(ended.code)}{' '}
        {me.isGuest ? t('As a guest you get a new name. What you see here stays until then.') : t('Sign in again to go on. What you see here stays.')}
      </p>
      {unsent > 0 && (
        <p>
          {me.isGuest
            ? tx('{waiting} under your old name and will not be sent under a new one unless you say so.', { waiting })
            : unsent === 1
              ? tx('{waiting} for {name} to be back. Whoever else signs in here neither sees nor sends it.', { waiting, name: me.name })
              : tx('{waiting} for {name} to be back. Whoever else signs in here neither sees nor sends them.', { waiting, name: me.name })}
        </p>
      )}
      {way === 'login' ? (
        <SignInForm
          enter={client.enter}
          onEntered={() => {}}
          onBack={me.isGuest ? () => setWay('guest') : onPutOff}
          back={me.isGuest ? t('Back') : t('Not now')}
        />
      ) : (
        <>
          {wish.fault && <p role="alert">{wish.fault}</p>}
          <DialogActions>
            <Button onClick={onPutOff}>{t('Not now')}</Button>
            <Button onClick={() => setWay('login')}>{t('Sign in')}</Button>
            <Button look="primary" aria-busy={wish.isAsking} onClick={() => void wish.ask(() => client.enter('guest', {}))}>
              {t('Continue as guest')}
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  )
}
