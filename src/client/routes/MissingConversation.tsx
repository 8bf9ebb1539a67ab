import { useAppSelector } from '#client/store/hooks.ts'
import { selectConnectionName } from '#client/store/selectors/connection.ts'
import { selectConversationsComplete, selectLeft } from '#client/store/selectors/conversations.ts'
import { Empty } from '#client/ui/Empty.tsx'
import { Link } from '#client/ui/Link.tsx'
import type { ConversationId } from '#protocol/ids.ts'
import styles from './Screen.module.css'
import { ScreenHeader } from './ScreenHeader.tsx'

/** Not (or no longer) one of this person's conversations, or not known yet: three different things. */
export function MissingConversation({ conv }: { conv: ConversationId }) {
  const left = useAppSelector((state) => selectLeft(state, conv))
  const complete = useAppSelector(selectConversationsComplete)
  const offline = useAppSelector((state) => ['offline', 'reconnecting'].includes(selectConnectionName(state)))
  const back = <Link to="/chat">Go to your conversations</Link>
  return (
    <>
      <ScreenHeader title={left?.name ?? 'Conversation'} />
      <div className={styles.body}>
        {left ? (
          <Empty title={left.removed ? `You are no longer a member of ${left.name}` : `You left ${left.name}`} action={back}>
            To come back you need an invite link. What you wrote and could not send is in the <Link to="/outbox">outbox</Link>.
          </Empty>
        ) : complete ? (
          <Empty title="This conversation is not here" action={back}>
            It does not exist, or you are not a member of it. With an invite link you can join.
          </Empty>
        ) : offline ? (
          <Empty title="Not on this device yet">This conversation is not saved on this device. It opens as soon as you are back online.</Empty>
        ) : (
          <p role="status">Opening the conversation…</p>
        )}
      </div>
    </>
  )
}
