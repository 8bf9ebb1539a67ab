import { useState } from 'react'
import type { Api } from '#client/live/client.ts'
import { Button } from '#client/ui/Button.tsx'
import { useWish } from '#client/ui/useWish.ts'
import { t } from '#client/words/t.ts'
import { tx } from '#client/words/tx.tsx'
import type { Consent, Person } from '#protocol/conversation.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { REQUEST_MESSAGES_MAX } from '#protocol/limits.ts'
import styles from './ConsentBar.module.css'
import { ReportDialog } from './ReportDialog.tsx'

type ConsentBarProps = {
  conv: ConversationId
  consent: Consent
  /** The other one. */
  person: Pick<Person, 'id' | 'name'>
  api: Pick<Api, 'acceptRequest' | 'block' | 'unblock' | 'report'>
}

/** Above the composer of a conversation that not both have agreed to: what that means, and what can be done. */
export function ConsentBar({ conv, consent, person, api }: ConsentBarProps) {
  const wish = useWish()
  const [isReporting, setReporting] = useState(false)
  const name = <bdi>{person.name}</bdi>
  return (
    <section className={styles.bar} aria-label={t('Message request')}>
      {consent === 'asked' ? (
        <>
          <p>{tx('{name} wants to write to you. When you answer, you accept.', { name })}</p>
          <span className={styles.actions}>
            <Button look="primary" onClick={() => void wish.ask(() => api.acceptRequest(conv))}>
              {t('Accept')}
            </Button>
            <Button onClick={() => void wish.ask(() => api.block(person.id))}>{t('Block')}</Button>
            <Button look="text" onClick={() => setReporting(true)}>
              {t('Report')}
            </Button>
          </span>
        </>
      ) : consent === 'asking' ? (
        <p>{tx('{name} has not accepted yet. Up to {n} messages reach them before they do.', { name, n: REQUEST_MESSAGES_MAX })}</p>
      ) : (
        <>
          <p>{tx('You have blocked {name}. Nothing can be written here by either of you.', { name })}</p>
          <span className={styles.actions}>
            <Button onClick={() => void wish.ask(() => api.unblock(person.id))}>{t('Unblock')}</Button>
          </span>
        </>
      )}
      {wish.fault && <p role="alert">{wish.fault}</p>}
      {isReporting && <ReportDialog person={person} report={api.report} onClose={() => setReporting(false)} />}
    </section>
  )
}
