import { useState } from 'react'
import type { SessionState } from '#client/features/session/sessionSlice.ts'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectUnsentCount } from '#client/store/selectors/outbox.ts'
import { Button } from '#client/ui/Button.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { useClient } from './clientContext.ts'

type Ended = NonNullable<Extract<SessionState, { name: 'signedIn' }>['ended']>

const REASONS: Partial<Record<Ended['code'], string>> = {
  SIGNED_OUT: 'You signed out in another tab.',
  E_DEVICE_REVOKED: 'This device was signed out.',
}

/** The session is gone, the page is not: signing in happens over it, and everything on it stays. */
export function SignInDialog({ ended, onPutOff }: { ended: Ended; onPutOff: () => void }) {
  const client = useClient()
  const unsent = useAppSelector(selectUnsentCount)
  const [step, setStep] = useState<{ name: 'asking' } | { name: 'entering' } | { name: 'refused'; words: string }>({ name: 'asking' })
  const enter = async () => {
    if (step.name === 'entering') return
    setStep({ name: 'entering' })
    const reply = await client.enter('guest', {})
    // on success the session is another one and this dialog is gone
    if (!reply.ok) setStep({ name: 'refused', words: refusalWords(reply.code) })
  }
  return (
    <Dialog title="Your session ended" onClose={onPutOff}>
      <p>{REASONS[ended.code] ?? 'The server no longer knows this sign-in.'} As a guest you get a new name. What you see here stays until then.</p>
      {unsent > 0 && (
        <p>
          <strong>{unsent === 1 ? '1 message is waiting' : `${unsent} messages are waiting`}</strong> under your old name and will not be sent under a
          new one. To keep a text, choose “Not now” and copy it.
        </p>
      )}
      {step.name === 'refused' && <p role="alert">{step.words}</p>}
      <DialogActions>
        <Button onClick={onPutOff}>Not now</Button>
        <Button look="primary" aria-busy={step.name === 'entering'} onClick={() => void enter()}>
          Continue as guest
        </Button>
      </DialogActions>
    </Dialog>
  )
}
