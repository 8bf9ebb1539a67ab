import type { Leaves } from '#client/live/client.ts'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectUnsentCount, selectWaitingChangesCount } from '#client/store/selectors/outbox.ts'
import { selectMe } from '#client/store/selectors/session.ts'
import { Button } from '#client/ui/Button.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'

/** What signing out would leave behind, and what of it stays. */
export function SignOutDialog({ onStay, onLeave }: { onStay: () => void; onLeave: (leaves: Leaves) => void }) {
  const unsent = useAppSelector(selectUnsentCount)
  const changes = useAppSelector(selectWaitingChangesCount)
  const waits = unsent + changes > 0
  const isGuest = useAppSelector((state) => selectMe(state)?.isGuest ?? false)
  const it = unsent + changes === 1 ? 'it' : 'them'
  return (
    <Dialog title="Sign out?" onClose={onStay}>
      {waits && (
        <p>
          <strong>{unsentWords(unsent, changes)}</strong>{' '}
          {isGuest
            ? `If you sign out now, nobody will receive ${it}.`
            : `Kept here, ${it === 'it' ? 'it waits' : 'they wait'} until you sign in again in this browser; nobody else sees ${it}.`}
        </p>
      )}
      {isGuest && (
        <p>You are a guest: after signing out nobody can come back under your name, not even you. To come back, keep your account first.</p>
      )}
      <p>What this browser has saved of your conversations is deleted from it, drafts included.</p>
      <DialogActions>
        <Button onClick={onStay}>Stay</Button>
        {waits && !isGuest && (
          <Button look="primary" onClick={() => onLeave('queue')}>
            Keep {it} and sign out
          </Button>
        )}
        <Button look="danger" onClick={() => onLeave('nothing')}>
          {waits ? `Delete ${it} and sign out` : 'Sign out'}
        </Button>
      </DialogActions>
    </Dialog>
  )
}

/** Edits, deletions and reactions are changes. */
function unsentWords(messages: number, changes: number): string {
  const parts = [
    ...(messages > 0 ? [messages === 1 ? '1 message' : `${messages} messages`] : []),
    ...(changes > 0 ? [changes === 1 ? '1 change to a message' : `${changes} changes to messages`] : []),
  ]
  return `${parts.join(' and ')} ${messages + changes === 1 ? 'has' : 'have'} not been sent yet.`
}
