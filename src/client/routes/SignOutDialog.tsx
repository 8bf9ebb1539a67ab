import type { Leaves } from '#client/live/client.ts'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectDraftCount } from '#client/store/selectors/leaving.ts'
import { selectUnsentCount, selectWaitingChangesCount } from '#client/store/selectors/outbox.ts'
import { selectMe } from '#client/store/selectors/session.ts'
import { Button } from '#client/ui/Button.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { plural, t } from '#client/words/t.ts'

/** What signing out would leave behind, and what of it stays. */
export function SignOutDialog({ onStay, onLeave }: { onStay: () => void; onLeave: (leaves: Leaves) => void }) {
  const unsent = useAppSelector(selectUnsentCount)
  const changes = useAppSelector(selectWaitingChangesCount)
  const drafts = useAppSelector(selectDraftCount)
  const isGuest = useAppSelector((state) => selectMe(state)?.isGuest ?? false)
  const all = unsent + changes + drafts
  return (
    <Dialog title={t('Sign out?')} onClose={onStay}>
      {all > 0 && (
        <p>
          <strong>{unsentWords(unsent, changes, drafts)}</strong>{' '}
          {isGuest
            ? plural(all, 'If you sign out now, it is lost.', 'If you sign out now, they are lost.')
            : plural(
                all,
                'Kept here, it waits until you sign in again in this browser; nobody else sees it.',
                'Kept here, they wait until you sign in again in this browser; nobody else sees them.',
              )}
        </p>
      )}
      {isGuest && (
        <p>{t('You are a guest: after signing out nobody can come back under your name, not even you. To come back, keep your account first.')}</p>
      )}
      <p>{t('What this browser has saved of your conversations is deleted from it.')}</p>
      <DialogActions>
        <Button onClick={onStay}>{t('Stay')}</Button>
        {all > 0 && !isGuest && (
          <Button look="primary" onClick={() => onLeave('queue')}>
            {plural(all, 'Keep it and sign out', 'Keep them and sign out')}
          </Button>
        )}
        <Button look="danger" onClick={() => onLeave('nothing')}>
          {all > 0 ? plural(all, 'Delete it and sign out', 'Delete them and sign out') : t('Sign out')}
        </Button>
      </DialogActions>
    </Dialog>
  )
}

/** Edits, deletions and reactions are changes. */
function unsentWords(messages: number, changes: number, drafts: number): string {
  const unsent = messages > 0 ? plural(messages, '1 message', '{n} messages') : ''
  const changed = changes > 0 ? plural(changes, '1 change to a message', '{n} changes to messages') : ''
  const what = unsent && changed ? t('{one} and {other}', { one: unsent, other: changed }) : unsent || changed
  const sentences = [
    ...(what ? [plural(messages + changes, '{what} has not been sent yet.', '{what} have not been sent yet.', { what })] : []),
    ...(drafts > 0 ? [plural(drafts, '1 draft is not finished.', '{n} drafts are not finished.')] : []),
  ]
  return sentences.join(' ')
}
