import { Button } from './Button.tsx'
import { CopyButton } from './CopyButton.tsx'
import { Dialog, DialogActions } from './Dialog.tsx'

/** Asks before a longer text that was never sent is thrown away. */
export function DeleteDialog({ body, onDelete, onClose }: { body: string; onDelete: () => void; onClose: () => void }) {
  return (
    <Dialog title="Delete this message?" onClose={onClose}>
      <p>It has not been sent. Its text will be gone; copy it first if you may need it.</p>
      <DialogActions>
        <CopyButton text={body} />
        <Button onClick={onClose}>Keep</Button>
        <Button look="danger" onClick={onDelete}>
          Delete message
        </Button>
      </DialogActions>
    </Dialog>
  )
}
