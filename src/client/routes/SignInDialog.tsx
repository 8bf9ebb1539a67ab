import { useState } from 'react'
import { SignInForm } from '#client/features/account/SignInForm.tsx'
import type { SessionState } from '#client/features/session/sessionSlice.ts'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectUnsentCount } from '#client/store/selectors/outbox.ts'
import { Button } from '#client/ui/Button.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { useWish } from '#client/ui/useWish.ts'
import type { Me } from '#protocol/session.ts'
import { useClient } from './clientContext.ts'

type Ended = NonNullable<Extract<SessionState, { name: 'signedIn' }>['ended']>

const REASONS: Partial<Record<Ended['code'], string>> = {
  SIGNED_OUT: 'You signed out in another tab.',
  E_DEVICE_REVOKED: 'This device was signed out.',
}

/**
 * The session is gone, the page is not: signing in happens over it, and everything on it stays. Once it succeeded the session is another one
 * and this dialog is gone.
 */
export function SignInDialog({ me, ended, onPutOff }: { me: Me; ended: Ended; onPutOff: () => void }) {
  const client = useClient()
  const unsent = useAppSelector(selectUnsentCount)
  const wish = useWish()
  const [way, setWay] = useState<'guest' | 'login'>(me.isGuest ? 'guest' : 'login')
  const waiting = unsent === 1 ? '1 message is waiting' : `${unsent} messages are waiting`
  return (
    <Dialog title="Your session ended" onClose={onPutOff}>
      <p>
        {REASONS[ended.code] ?? 'The server no longer knows this sign-in.'}{' '}
        {me.isGuest ? 'As a guest you get a new name. What you see here stays until then.' : 'Sign in again to go on. What you see here stays.'}
      </p>
      {unsent > 0 && (
        <p>
          <strong>{waiting}</strong>{' '}
          {me.isGuest
            ? 'under your old name and will not be sent under a new one unless you say so.'
            : `for ${me.name} to be back. Whoever else signs in here neither sees nor sends ${unsent === 1 ? 'it' : 'them'}.`}
        </p>
      )}
      {way === 'login' ? (
        <SignInForm
          enter={client.enter}
          onEntered={() => {}}
          onBack={me.isGuest ? () => setWay('guest') : onPutOff}
          back={me.isGuest ? 'Back' : 'Not now'}
        />
      ) : (
        <>
          {wish.fault && <p role="alert">{wish.fault}</p>}
          <DialogActions>
            <Button onClick={onPutOff}>Not now</Button>
            <Button onClick={() => setWay('login')}>Sign in</Button>
            <Button look="primary" aria-busy={wish.isAsking} onClick={() => void wish.ask(() => client.enter('guest', {}))}>
              Continue as guest
            </Button>
          </DialogActions>
        </>
      )}
    </Dialog>
  )
}
