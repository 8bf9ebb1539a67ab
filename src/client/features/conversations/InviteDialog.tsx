import type { Api } from '#client/live/client.ts'
import { Button } from '#client/ui/Button.tsx'
import { CopyButton } from '#client/ui/CopyButton.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { Field } from '#client/ui/Field.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { useAnswer } from '#client/ui/useAnswer.ts'
import type { ConversationId } from '#protocol/ids.ts'

type InviteDialogProps = { conv: ConversationId; title: string; createInvite: Api['createInvite']; onClose: () => void }

/** Makes a link that lets whoever has it join. */
export function InviteDialog({ conv, title, createInvite, onClose }: InviteDialogProps) {
  const { answer, again } = useAnswer(conv, () => createInvite(conv))
  const link = answer?.ok ? new URL(answer.path, location.origin).href : null
  const fault = answer && !answer.ok ? `There is no link yet. ${refusalWords(answer.code)}` : null
  return (
    <Dialog title={`Invite to ${title}`} onClose={onClose}>
      <p>Whoever has this link can join and read what is written from then on.</p>
      {fault ? (
        <p role="alert">{fault}</p>
      ) : (
        <Field label="Invite link" readOnly value={link ?? 'Making a link…'} onFocus={(event) => event.target.select()} />
      )}
      <DialogActions>
        <Button onClick={onClose}>Done</Button>
        {fault && (
          <Button look="primary" onClick={again}>
            Try again
          </Button>
        )}
        {link && <CopyButton look="primary" text={link} label="Copy link" />}
      </DialogActions>
    </Dialog>
  )
}
