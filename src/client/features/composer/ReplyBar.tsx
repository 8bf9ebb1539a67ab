import { replyDropped } from '#client/live/facts.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectStored, selectWriterName } from '#client/store/selectors/oneMessage.ts'
import { IconButton } from '#client/ui/Button.tsx'
import * as laterDrawings from '#client/ui/laterDrawings.tsx'
import { spokenMessage } from '#client/ui/textTokens.ts'
import { t } from '#client/words/t.ts'
import { tx } from '#client/words/tx.tsx'
import type { ConversationId, MessageId } from '#protocol/ids.ts'
import styles from './ReplyBar.module.css'

/** Above the box while what is written answers a message: which one, and the way back. */
export function ReplyBar({ id, conv, to }: { id: string; conv: ConversationId; to: MessageId }) {
  const dispatch = useAppDispatch()
  const message = useAppSelector((state) => selectStored(state, conv, to))
  const name = useAppSelector((state) => message && selectWriterName(state, message))
  return (
    <div className={styles.bar} data-testid="reply-bar">
      <p id={id} className={styles.words}>
        <strong>{name === undefined ? t('Replying to a message') : tx('Replying to {name}', { name: <bdi>{name}</bdi> })}</strong>
        {message && <span dir="auto">{spokenMessage(message)}</span>}
      </p>
      <IconButton icon={laterDrawings.close} label={t('Don’t reply')} onClick={() => dispatch(replyDropped({ conv }))} />
    </div>
  )
}
