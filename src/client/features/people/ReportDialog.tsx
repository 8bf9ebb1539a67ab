import { useState } from 'react'
import type { Api } from '#client/live/client.ts'
import { announcer } from '#client/ui/announcer.ts'
import { Button } from '#client/ui/Button.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { useWish } from '#client/ui/useWish.ts'
import { t } from '#client/words/t.ts'
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
    if (reason.trim() === '') return wish.refuse(t('Say what is wrong first.'))
    if (!(await wish.ask(() => report({ user: person.id, reason, ...(message && { message: message.id }) })))) return
    announcer.say(t('Reported'))
    onClose()
  }
  return (
    <Dialog title={message ? t('Report this message?') : t('Report {name}?', { name: person.name })} onClose={onClose}>
      {message && (
        <blockquote className={styles.quote} dir="auto">
          {message.text}
        </blockquote>
      )}
      <p>
        {message
          ? t('The people who run this server are told, with your name and this message. {name} is not. To hear no more from them, block them.', {
              name: person.name,
            })
          : t('The people who run this server are told, with your name. {name} is not. To hear no more from them, block them.', {
              name: person.name,
            })}
      </p>
      <label className={styles.reason}>
        <span>{t('What is wrong?')}</span>
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
        <Button onClick={onClose}>{t('Cancel')}</Button>
        <Button look="danger" aria-busy={wish.isAsking} onClick={() => void send()}>
          {t('Report')}
        </Button>
      </DialogActions>
    </Dialog>
  )
}
