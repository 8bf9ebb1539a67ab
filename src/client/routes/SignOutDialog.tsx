import { useAppSelector } from '#client/store/hooks.ts'
import { selectUnsentCount } from '#client/store/selectors/outbox.ts'
import { selectMe } from '#client/store/selectors/session.ts'
import { Button } from '#client/ui/Button.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'

/** What signing out would leave behind. */
export function SignOutDialog({ onStay, onLeave }: { onStay: () => void; onLeave: () => void }) {
  const unsent = useAppSelector(selectUnsentCount)
  const isGuest = useAppSelector((state) => selectMe(state)?.isGuest ?? false)
  return (
    <Dialog title="Sign out?" onClose={onStay}>
      {unsent > 0 && (
        <p>
          <strong>{unsent === 1 ? '1 message has not been sent yet.' : `${unsent} messages have not been sent yet.`}</strong> If you sign out now,
          nobody will receive what is waiting.
        </p>
      )}
      {isGuest && <p>You are a guest: after signing out nobody can come back under your name, not even you.</p>}
      <DialogActions>
        <Button onClick={onStay}>Stay</Button>
        <Button look="danger" onClick={onLeave}>
          Sign out
        </Button>
      </DialogActions>
    </Dialog>
  )
}
