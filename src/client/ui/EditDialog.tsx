import { useId, useState } from 'react'
import { t } from '#client/words/t.ts'
import { bodyFault } from '#protocol/message.ts'
import { Button } from './Button.tsx'
import { CopyButton } from './CopyButton.tsx'
import { Dialog, DialogActions } from './Dialog.tsx'
import styles from './EditDialog.module.css'
import { isComposing } from './isComposing.ts'

type EditDialogProps = {
  body: string
  /** Turns false when the message went out meanwhile: then it can't be changed any more, and the person is told. */
  open: boolean
  onSave: (body: string) => void
  onClose: () => void
}

/** Changes the text of a message that has not been sent. */
export function EditDialog({ body, open, onSave, onClose }: EditDialogProps) {
  const [text, setText] = useState(body)
  const [fault, setFault] = useState<string | null>(null)
  const id = useId()
  const save = () => {
    const wrong = bodyFault(text)
    if (wrong === undefined) {
      onSave(text)
      onClose()
    } else
      setFault(
        wrong === 'empty'
          ? t('There is no text left. To take the message back, choose Cancel on it instead.')
          : t('This text can’t be sent. Shorten it and try again.'),
      )
  }
  return (
    <Dialog title={t('Edit waiting message')} onClose={onClose}>
      <label className="vh" htmlFor={id}>
        {t('Message text')}
      </label>
      <textarea
        id={id}
        className={styles.text}
        rows={4}
        data-autofocus
        dir="auto"
        value={text}
        onChange={(event) => {
          setText(event.target.value)
          setFault(null)
        }}
        onKeyDown={(event) => {
          if (isComposing(event) || event.key !== 'Enter' || event.shiftKey || event.altKey) return
          event.preventDefault()
          if (open) save()
        }}
      />
      {fault && (
        <p role="alert" className={styles.fault}>
          {fault}
        </p>
      )}
      {!open && (
        <p role="alert" className={styles.fault}>
          {t('This message went out before you saved, as it was. Copy your text if you want to send it as a new one.')}
        </p>
      )}
      <DialogActions>
        {!open && <CopyButton text={text} />}
        <Button onClick={onClose}>{open ? t('Discard changes') : t('Close')}</Button>
        {open && (
          <Button look="primary" onClick={save}>
            {t('Save')}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  )
}
