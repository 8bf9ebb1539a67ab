import { useAppSelector } from '#client/store/hooks.ts'
import { selectConnectionName } from '#client/store/selectors/connection.ts'
import { selectConversationsComplete, selectLeft } from '#client/store/selectors/conversations.ts'
import { Empty } from '#client/ui/Empty.tsx'
import { Link } from '#client/ui/Link.tsx'
import { t } from '#client/words/t.ts'
import { tx } from '#client/words/tx.tsx'
import type { ConversationId } from '#protocol/ids.ts'
import styles from './Screen.module.css'
import { ScreenHeader } from './ScreenHeader.tsx'

/** Not (or no longer) one of this person's conversations, or not known yet: three different things. */
export function MissingConversation({ conv }: { conv: ConversationId }) {
  const left = useAppSelector((state) => selectLeft(state, conv))
  const complete = useAppSelector(selectConversationsComplete)
  const offline = useAppSelector((state) => ['offline', 'reconnecting'].includes(selectConnectionName(state)))
  const back = <Link to="/chat">{t('Go to your conversations')}</Link>
  return (
    <>
      <ScreenHeader title={left?.name ?? t('Conversation')} />
      <div className={styles.body}>
        {left ? (
          <Empty
            title={left.removed ? t('You are no longer a member of {name}', { name: left.name }) : t('You left {name}', { name: left.name })}
            action={back}
          >
            {tx('To come back you need an invite link. What you wrote and could not send is in the {outbox}.', {
              outbox: <Link to="/outbox">{t('outbox')}</Link>,
            })}
          </Empty>
        ) : complete ? (
          <Empty title={t('This conversation is not here')} action={back}>
            {t('It does not exist, or you are not a member of it. With an invite link you can join.')}
          </Empty>
        ) : offline ? (
          <Empty title={t('Not on this device yet')}>
            {t('This conversation is not saved on this device. When you are back online it opens, if it is one of yours.')}
          </Empty>
        ) : (
          <p role="status">{t('Opening the conversation…')}</p>
        )}
      </div>
    </>
  )
}
