import { useState } from 'react'
import type { Api } from '#client/live/client.ts'
import { Button } from '#client/ui/Button.tsx'
import { useWish } from '#client/ui/useWish.ts'
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
    <section className={styles.bar} aria-label="Message request">
      {consent === 'asked' ? (
        <>
          <p>{name} wants to write to you. When you answer, you accept.</p>
          <span className={styles.actions}>
            <Button look="primary" onClick={() => void wish.ask(() => api.acceptRequest(conv))}>
              Accept
            </Button>
            <Button onClick={() => void wish.ask(() => api.block(person.id))}>Block</Button>
            <Button look="text" onClick={() => setReporting(true)}>
              Report
            </Button>
          </span>
        </>
      ) : consent === 'asking' ? (
        <p>
          {name} has not accepted yet. Up to {REQUEST_MESSAGES_MAX} messages reach them before they do.
        </p>
      ) : (
        <>
          <p>You have blocked {name}. Nothing can be written here by either of you.</p>
          <span className={styles.actions}>
            <Button onClick={() => void wish.ask(() => api.unblock(person.id))}>Unblock</Button>
          </span>
        </>
      )}
      {wish.fault && <p role="alert">{wish.fault}</p>}
      {isReporting && <ReportDialog person={person} report={api.report} onClose={() => setReporting(false)} />}
    </section>
  )
}
