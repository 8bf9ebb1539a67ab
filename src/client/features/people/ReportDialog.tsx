import { useState } from 'react'
import type { Api } from '#client/live/client.ts'
import { announcer } from '#client/ui/announcer.ts'
import { Button } from '#client/ui/Button.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { useWish } from '#client/ui/useWish.ts'
import type { Person } from '#protocol/conversation.ts'
import type { MessageId } from '#protocol/ids.ts'
import { REPORT_MAX } from '#protocol/limits.ts'
import styles from './ReportDialog.module.css'

type ReportDialogProps = {
  person: Pick<Person, 'id' | 'name'>
  /** What of theirs it is about, if it is one message. */
  message?: { id: MessageId; text: string } | undefined
  report: Api['report']
  onClose: () => void
}

/** Tells the operators about somebody, or about one message of theirs. */
export function ReportDialog({ person, message, report, onClose }: ReportDialogProps) {
  const [reason, setReason] = useState('')
  const wish = useWish()
  const send = async () => {
    if (reason.trim() === '') return wish.refuse('Say what is wrong first.')
    if (!(await wish.ask(() => report({ user: person.id, reason, ...(message && { message: message.id }) })))) return
    announcer.say('Reported')
    onClose()
  }
  return (
    <Dialog title={message ? 'Report this message?' : `Report ${person.name}?`} onClose={onClose}>
      {message && (
        <blockquote className={styles.quote} dir="auto">
          {message.text}
        </blockquote>
      )}
      <p>
        The people who run this server are told, with your name{message && ' and this message'}. {person.name} is not. To hear no more from them,
        block them.
      </p>
      <label className={styles.reason}>
        <span>What is wrong?</span>
        <textarea
          rows={4}
          maxLength={REPORT_MAX}
          value={reason}
          data-autofocus
          onChange={(event) => {
            setReason(event.target.value)
            wish.forget()
          }}
        />
      </label>
      {wish.fault && <p role="alert">{wish.fault}</p>}
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" aria-busy={wish.isAsking} onClick={() => void send()}>
          Report
        </Button>
      </DialogActions>
    </Dialog>
  )
}
