import { useEffect, useState } from 'react'
import * as drawings from '#client/ui/drawings.tsx'
import { Icon, type Drawing } from '#client/ui/Icon.tsx'
import { patientPart } from '#client/ui/laterPart.ts'
import { t } from '#client/words/t.ts'
import styles from './MessageRow.module.css'
import { isUnconfirmed, UNCONFIRMED_AFTER_MS, type MessageRow, type Status } from './rowsFor.ts'

const RefusalReason = patientPart(() => import('./RowActions.tsx').then((part) => part.RefusalReason))

const MARKS: Record<Status, { icon: Drawing | null; words: () => string }> = {
  // not yet safe on this device: no clock before it is
  saving: { icon: null, words: () => t('Saving') },
  queued: { icon: drawings.clock, words: () => t('Queued') },
  sending: { icon: drawings.clock, words: () => t('Sending') },
  sent: { icon: drawings.check, words: () => t('Sent') },
  delivered: { icon: drawings.checks, words: () => t('Delivered') },
  read: { icon: drawings.checksDisc, words: () => t('Read') },
  failed: { icon: drawings.alertDisc, words: () => t('Not sent') },
}

type StatusMarkProps = { id: string; row: MessageRow; status: Status; queuedWords: string | undefined }

/** What became of an own message: a shape that differs for each step, and the words, shown beside it or only heard. */
export function StatusMark({ id, row, status, queuedWords }: StatusMarkProps) {
  const late = useIsUnconfirmed(row)
  const { icon, words } = MARKS[status]
  const said = late ? t('Not confirmed yet') : status === 'queued' && queuedWords ? queuedWords : words()
  const shown = row.showLabel ? status !== 'saving' && (status !== 'sending' || late) : late
  return (
    <span className={styles.status} data-mark={status}>
      {icon && <Icon drawing={late ? drawings.clockAlert : icon} />}
      <span id={id} className={shown ? undefined : 'vh'}>
        {said}
        {row.refusal && <RefusalReason code={row.refusal} />}
        {row.memory && <span> {t('· not saved on this device')}</span>}
      </span>
    </span>
  )
}

/** Turns true when the answer is overdue; one timer, only while one is awaited. */
export function useIsUnconfirmed({ sendingSince }: { sendingSince: number | null }): boolean {
  const [overdue, setOverdue] = useState<number | null>(null)
  useEffect(() => {
    if (sendingSince === null) return
    let timer: ReturnType<typeof setTimeout>
    const look = () => {
      const now = Date.now()
      if (isUnconfirmed({ sendingSince }, now)) setOverdue(sendingSince)
      else timer = setTimeout(look, Math.max(1, sendingSince + UNCONFIRMED_AFTER_MS - now))
    }
    timer = setTimeout(look, 0)
    return () => clearTimeout(timer)
  }, [sendingSince])
  return sendingSince !== null && overdue === sendingSince
}
