import { t } from '#client/words/t.ts'
import { Button } from './Button.tsx'
import { CopyButton } from './CopyButton.tsx'
import { Dialog, DialogActions } from './Dialog.tsx'

/** Asks before a longer text that was never sent is thrown away. */
export function DeleteDialog({ body, onDelete, onClose }: { body: string; onDelete: () => void; onClose: () => void }) {
  return (
    <Dialog title={t('Delete this message?')} onClose={onClose}>
      <p>{t('It has not been sent. Its text will be gone; copy it first if you may need it.')}</p>
      <DialogActions>
        <CopyButton text={body} />
        <Button onClick={onClose}>{t('Keep')}</Button>
        <Button look="danger" onClick={onDelete}>
          {t('Delete message')}
        </Button>
      </DialogActions>
    </Dialog>
  )
}
