import type { Leaves } from '#client/live/client.ts'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectDraftCount } from '#client/store/selectors/leaving.ts'
import { selectUnsentCount, selectWaitingChangesCount } from '#client/store/selectors/outbox.ts'
import { selectMe } from '#client/store/selectors/session.ts'
import { Button } from '#client/ui/Button.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'

/** What signing out would leave behind, and what of it stays. */
export function SignOutDialog({ onStay, onLeave }: { onStay: () => void; onLeave: (leaves: Leaves) => void }) {
  const unsent = useAppSelector(selectUnsentCount)
  const changes = useAppSelector(selectWaitingChangesCount)
  const drafts = useAppSelector(selectDraftCount)
  const waits = unsent + changes + drafts > 0
  const isGuest = useAppSelector((state) => selectMe(state)?.isGuest ?? false)
  const it = unsent + changes + drafts === 1 ? 'it' : 'them'
  return (
    <Dialog title="Sign out?" onClose={onStay}>
      {waits && (
        <p>
          <strong>{unsentWords(unsent, changes, drafts)}</strong>{' '}
          {isGuest
            ? `If you sign out now, ${it === 'it' ? 'it is' : 'they are'} lost.`
            : `Kept here, ${it === 'it' ? 'it waits' : 'they wait'} until you sign in again in this browser; nobody else sees ${it}.`}
        </p>
      )}
      {isGuest && (
        <p>You are a guest: after signing out nobody can come back under your name, not even you. To come back, keep your account first.</p>
      )}
      <p>What this browser has saved of your conversations is deleted from it.</p>
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
function unsentWords(messages: number, changes: number, drafts: number): string {
  const unsent = [...counted(messages, 'message', 'messages'), ...counted(changes, 'change to a message', 'changes to messages')]
  const [draft] = counted(drafts, 'draft', 'drafts')
  const sentences = [
    ...(unsent.length > 0 ? [`${unsent.join(' and ')} ${messages + changes === 1 ? 'has' : 'have'} not been sent yet.`] : []),
    ...(draft === undefined ? [] : [`${draft} ${drafts === 1 ? 'is' : 'are'} not finished.`]),
  ]
  return sentences.join(' ')
}

const counted = (count: number, one: string, many: string): string[] => (count === 0 ? [] : [`${count} ${count === 1 ? one : many}`])
