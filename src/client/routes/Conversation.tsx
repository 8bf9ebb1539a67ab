import { Composer } from '#client/features/composer/Composer.tsx'
import { MessageList } from '#client/features/messages/MessageList.tsx'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectConnectionName } from '#client/store/selectors/connection.ts'
import { selectConversation } from '#client/store/selectors/conversations.ts'
import { selectDelayOf, selectOldUnsentCountOf, selectUnsentCountOf } from '#client/store/selectors/outbox.ts'
import { patientPart } from '#client/ui/laterPart.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { ConversationHeader } from './ConversationHeader.tsx'
import { ScreenHeader } from './ScreenHeader.tsx'
import { useOpenConversation } from './useOpenConversation.ts'
import { usePeopleInSight } from './usePeopleInSight.ts'

const MissingConversation = patientPart(
  () => import('./MissingConversation.tsx').then((part) => part.MissingConversation),
  <ScreenHeader title="Conversation" />,
)
const TypingLine = patientPart(() => import('#client/features/presence/TypingLine.tsx').then((part) => part.TypingLine), <span />)

const ConversationBars = patientPart(() => import('./ConversationBars.tsx').then((part) => part.ConversationBars))

/** One conversation on screen, and the owner of its opening and closing. */
export function Conversation({ conv }: { conv: ConversationId }) {
  useOpenConversation(conv)
  const view = useAppSelector((state) => selectConversation(state, conv))
  const name = useAppSelector(selectConnectionName)
  const delayed = useAppSelector((state) => selectDelayOf(state, conv) !== null)
  const old = useAppSelector((state) => selectOldUnsentCountOf(state, conv, Date.now()))
  const hasUnsent = useAppSelector((state) => selectUnsentCountOf(state, conv) > 0)
  usePeopleInSight(view)

  if (!view) return <MissingConversation conv={conv} />
  const isLive = name === 'live'
  const queuedWords =
    old > 0
      ? `Queued until you decide about ${old === 1 ? '1 older message' : `${old} older messages`}`
      : delayed
        ? 'Queued, waiting a moment: that was a lot at once'
        : isLive
          ? 'Queued'
          : "Queued, sends when you're back"
  return (
    <>
      <ConversationHeader view={view} />
      <MessageList conv={conv} title={view.title} queuedWords={queuedWords} />
      <ConversationBars view={view} old={old} />
      {/* what waits says so itself */}
      <Composer conv={conv} title={view.title} above={<TypingLine conv={conv} />} hint={isLive || hasUnsent ? undefined : "Sends when you're back"} />
    </>
  )
}
