import { useState } from 'react'
import { discardRequested, retryRequested, unsentEdited } from '#client/live/facts.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectIsLive } from '#client/store/selectors/connection.ts'
import { selectEntry } from '#client/store/selectors/conversations.ts'
import { isOldUnsent, selectOldUnsentCountOf, selectOutboxCount } from '#client/store/selectors/outbox.ts'
import { selectOutboxList, type OutboxItem } from '#client/store/selectors/outboxList.ts'
import { Button } from '#client/ui/Button.tsx'
import { CopyButton } from '#client/ui/CopyButton.tsx'
import * as drawings from '#client/ui/drawings.tsx'
import { EditDialog } from '#client/ui/EditDialog.tsx'
import { Empty } from '#client/ui/Empty.tsx'
import { Icon } from '#client/ui/Icon.tsx'
import { Link } from '#client/ui/Link.tsx'
import { FormattedText } from '#client/ui/FormattedText.tsx'
import { shortWhen } from '#client/ui/times.ts'
import { useToday } from '#client/ui/useToday.ts'
import { reasonWords } from '#client/ui/reasonWords.ts'
import { t } from '#client/words/t.ts'
import { OldUnsentBar } from './OldUnsentDialog.tsx'
import { isEditable } from './outboxMachine.ts'
import styles from './OutboxList.module.css'

/** Everything that has not arrived yet, over all conversations, in written order. */
export function OutboxList() {
  const items = useAppSelector(selectOutboxList)
  const isEmpty = useAppSelector((state) => selectOutboxCount(state) === 0)
  if (isEmpty) return <Empty title={t('Nothing is waiting')}>{t('What you write stands here until it has been sent.')}</Empty>
  return (
    <>
      <OldUnsentBar />
      <ul className={styles.list}>
        {items.map((item) => (
          <Item key={item.row.clientId} item={item} />
        ))}
      </ul>
    </>
  )
}

function Item({ item: { row, conv, title } }: { item: OutboxItem }) {
  const dispatch = useAppDispatch()
  const [editing, setEditing] = useState(false)
  const today = useToday()
  const isLive = useAppSelector(selectIsLive)
  const { state, clientId, body } = row
  const about = { conv, clientId }
  const editable = isEditable(state)
  const heldWords = useAppSelector((all) => {
    const now = Date.now()
    if (!editable || selectOldUnsentCountOf(all, conv, now) === 0) return null
    return isOldUnsent(row, now) ? t('Waits for your word') : t('Behind older messages')
  })
  const isHere = useAppSelector((all) => selectEntry(all, conv) !== undefined)
  return (
    <li
      className={styles.item}
      data-testid="outbox-row"
      data-client-id={clientId}
      data-conversation-id={conv}
      data-status={state.name === 'refused' ? 'failed' : state.name}
    >
      <p className={styles.head}>
        <Link to={`/chat/${conv}`}>
          <bdi>{title}</bdi>
        </Link>
        <span>{shortWhen(row.sentAt, today)}</span>
      </p>
      <div className={styles.text} dir="auto">
        <FormattedText text={body} />
      </div>
      <div className={styles.foot}>
        <span className={styles.status} data-failed={state.name === 'refused' || undefined}>
          <Icon drawing={state.name === 'refused' ? drawings.alertDisc : drawings.clock} />
          {heldWords ?? wordsFor(state)}
        </span>
        {/* who is no longer a member is refused again, whatever happens */}
        {!editable && (isHere || state.name !== 'refused' || state.code !== 'E_NOT_MEMBER') && (
          <Button look="text" onClick={() => dispatch(retryRequested(about))}>
            {t('Retry')}
          </Button>
        )}
        {/* one of them alone can't go: the question above is about all of them */}
        {editable && heldWords === null && (
          <Button look="text" unavailable={isLive ? undefined : t("Sends when you're back")} onClick={() => dispatch(retryRequested(about))}>
            {t('Send now')}
          </Button>
        )}
        {editable && (
          <Button look="text" onClick={() => setEditing(true)}>
            {t('Edit')}
          </Button>
        )}
        <CopyButton look="text" text={body} />
        {state.name === 'refused' && (
          <Button look="text" onClick={() => dispatch(discardRequested(about))}>
            {t('Delete')}
          </Button>
        )}
        {editable && (
          <Button look="text" onClick={() => dispatch(discardRequested(about))}>
            {t('Cancel')}
          </Button>
        )}
      </div>
      {editing && (
        <EditDialog
          body={body}
          open={editable}
          onSave={(text) => dispatch(unsentEdited({ ...about, body: text }))}
          onClose={() => setEditing(false)}
        />
      )}
    </li>
  )
}

function wordsFor(state: OutboxItem['row']['state']): string {
  switch (state.name) {
    case 'saving':
      return t('Saving')
    case 'queued':
      return state.memory ? t('Queued, not saved on this device') : t('Queued')
    case 'sending':
      return t('Sending, not confirmed yet')
    case 'stored':
      return t('Sent')
    case 'refused':
      return `${t('Not sent')}${reasonWords(state.code)}`
  }
}
