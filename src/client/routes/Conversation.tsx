import { Link } from 'react-router-dom'
import { Composer } from '#client/features/composer/Composer.tsx'
import { MessageList } from '#client/features/messages/MessageList.tsx'
import { TypingLine } from '#client/features/presence/TypingLine.tsx'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectConnectionName } from '#client/store/selectors/connection.ts'
import { selectConversation, selectConversationsComplete, selectLeft } from '#client/store/selectors/conversations.ts'
import { selectDelayOf } from '#client/store/selectors/outbox.ts'
import { Empty } from '#client/ui/Empty.tsx'
import type { ConversationId } from '#protocol/ids.ts'
import { ConversationHeader } from './ConversationHeader.tsx'
import styles from './Screen.module.css'
import { ScreenHeader } from './ScreenHeader.tsx'
import { useOpenConversation } from './useOpenConversation.ts'
import { usePeopleInSight } from './usePeopleInSight.ts'

/** One conversation on screen, and the owner of its opening and closing. */
export function Conversation({ conv }: { conv: ConversationId }) {
  useOpenConversation(conv)
  const view = useAppSelector((state) => selectConversation(state, conv))
  const name = useAppSelector(selectConnectionName)
  const delayed = useAppSelector((state) => selectDelayOf(state, conv) !== null)
  usePeopleInSight(view)

  if (!view) return <Missing conv={conv} />
  const isLive = name === 'live'
  const queuedWords = delayed ? 'Queued, waiting a moment: that was a lot at once' : isLive ? 'Queued' : "Queued, sends when you're back"
  return (
    <>
      <ConversationHeader view={view} />
      <MessageList conv={conv} title={view.title} queuedWords={queuedWords} />
      <Composer conv={conv} title={view.title} above={<TypingLine conv={conv} />} hint={isLive ? undefined : "Sends when you're back"} />
    </>
  )
}

/** Not (or no longer) one of this person's conversations, or not known yet: three different things. */
function Missing({ conv }: { conv: ConversationId }) {
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
            To come back you need an invite link. What you wrote and could not send is in the outbox.
          </Empty>
        ) : complete ? (
          <Empty title="This conversation is not here" action={back}>It does not exist, or you are not a member of it. With an invite link you can join.</Empty>
        ) : offline ? (
          <Empty title="Not on this device yet">This conversation is not saved on this device. It opens as soon as you are back online.</Empty>
        ) : (
          <p role="status">Opening the conversation…</p>
        )}
      </div>
    </>
  )
}
