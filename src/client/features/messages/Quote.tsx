import { messageSought } from '#client/live/facts.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectStored, selectWriterName } from '#client/store/selectors/oneMessage.ts'
import { spokenMessage } from '#client/ui/textTokens.ts'
import { t } from '#client/words/t.ts'
import type { ConversationId, MessageId } from '#protocol/ids.ts'
import styles from './MessageRow.module.css'

/** What a message answers: one line of it, and the way there. */
export function Quote({ conv, to }: { conv: ConversationId; to: MessageId }) {
  const dispatch = useAppDispatch()
  const message = useAppSelector((state) => selectStored(state, conv, to))
  const name = useAppSelector((state) => message && selectWriterName(state, message))
  const words = message ? spokenMessage(message) : t('An earlier message')
  return (
    <button
      type="button"
      className={styles.quote}
      data-testid="quote"
      aria-label={name ? t('In answer to {name}: {words}', { name, words }) : t('In answer to {words}', { words })}
      tabIndex={-1}
      onClick={() => dispatch(messageSought({ conv, id: to, held: message !== undefined }))}
    >
      {name && <bdi className={styles.quoteName}>{name}</bdi>}
      <span className={styles.quoteText} dir="auto">
        {words}
      </span>
    </button>
  )
}
