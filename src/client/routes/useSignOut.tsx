import { useState, type ReactNode } from 'react'
import { useNavigate } from 'react-router-dom'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectUnsentCount } from '#client/store/selectors/outbox.ts'
import { selectMe } from '#client/store/selectors/session.ts'
import { Button } from '#client/ui/Button.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { useClient } from './clientContext.ts'

/** Signing out, with a question first when that would leave something behind. */
export function useSignOut(): { ask: () => void; question: ReactNode } {
  const client = useClient()
  const navigate = useNavigate()
  const unsent = useAppSelector(selectUnsentCount)
  const isGuest = useAppSelector((state) => selectMe(state)?.isGuest ?? false)
  const [asking, setAsking] = useState(false)

  const leave = async () => {
    await client.signOut()
    await navigate('/', { replace: true })
  }
  const ask = () => (unsent > 0 || isGuest ? setAsking(true) : void leave())

  const question = asking && (
    <Dialog title="Sign out?" onClose={() => setAsking(false)}>
      {unsent > 0 && <p>{unsent === 1 ? '1 message has not been sent yet.' : `${unsent} messages have not been sent yet.`} If you sign out now, nobody will receive what is waiting.</p>}
      {isGuest && <p>You are a guest: after signing out nobody can come back under your name, not even you.</p>}
      <DialogActions>
        <Button onClick={() => setAsking(false)}>Stay</Button>
        <Button look="danger" onClick={() => void leave()}>Sign out</Button>
      </DialogActions>
    </Dialog>
  )
  return { ask, question }
}
