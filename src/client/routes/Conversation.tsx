import { useCallback, useRef, useState } from 'react'
import { Composer } from '#client/features/composer/Composer.tsx'
import { MessageList } from '#client/features/messages/MessageList.tsx'
import type { MessageRow } from '#client/features/messages/rowsFor.ts'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectConnectionName } from '#client/store/selectors/connection.ts'
import { selectConversation } from '#client/store/selectors/conversations.ts'
import { selectEditing } from '#client/store/selectors/drafts.ts'
import { selectDelayOf, selectOldUnsentCountOf, selectUnsentCountOf } from '#client/store/selectors/outbox.ts'
import { patientPart } from '#client/ui/laterPart.ts'
import { plural, t } from '#client/words/t.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { useClient } from './clientContext.ts'
import { ConversationHeader } from './ConversationHeader.tsx'
import { ScreenHeader } from './ScreenHeader.tsx'
import { useOpenConversation } from './useOpenConversation.ts'

const MissingConversation = patientPart(
  () => import('./MissingConversation.tsx').then((part) => part.MissingConversation),
  () => <ScreenHeader title={t('Conversation')} />,
)
const TypingLine = patientPart(() => import('#client/features/presence/TypingLine.tsx').then((part) => part.TypingLine), <span />)

const EditComposer = patientPart(() => import('#client/features/composer/EditComposer.tsx').then((part) => part.EditComposer))
const AttachButton = patientPart(
  () => import('#client/features/files/AttachButton.tsx').then((part) => part.AttachButton),
  <span style={{ inlineSize: '2.25rem' }} />,
)
const ConversationBars = patientPart(() => import('./ConversationBars.tsx').then((part) => part.ConversationBars))

/** One conversation on screen, and the owner of its opening and closing. */
export function Conversation({ conv }: { conv: ConversationId }) {
  useOpenConversation(conv)
  const { files } = useClient()
  const taker = useRef<((chosen: File[]) => void) | null>(null)
  const onTaker = useCallback((take: typeof taker.current) => void (taker.current = take), [])
  const view = useAppSelector((state) => selectConversation(state, conv))
  const name = useAppSelector(selectConnectionName)
  const delayed = useAppSelector((state) => selectDelayOf(state, conv) !== null)
  const old = useAppSelector((state) => selectOldUnsentCountOf(state, conv, Date.now()))
  const hasUnsent = useAppSelector((state) => selectUnsentCountOf(state, conv) > 0)
  const editing = useAppSelector((state) => selectEditing(state, conv))
  const [reported, setReported] = useState<MessageRow | null>(null)

  if (!view) return <MissingConversation conv={conv} />
  const isLive = name === 'live'
  const queuedWords =
    old > 0
      ? plural(old, 'Queued until you decide about 1 older message', 'Queued until you decide about {n} older messages')
      : delayed
        ? t('Queued, waiting a moment: that was a lot at once')
        : isLive
          ? t('Queued')
          : t("Queued, sends when you're back")
  return (
    <>
      <ConversationHeader view={view} />
      <MessageList conv={conv} title={view.title} queuedWords={queuedWords} onReport={setReported} />
      <ConversationBars view={view} old={old} reported={reported} onReported={setReported} />
      {editing ? (
        <EditComposer key={editing} conv={conv} clientId={editing} title={view.title} />
      ) : (
        <Composer
          conv={conv}
          title={view.title}
          above={<TypingLine conv={conv} />}
          button={<AttachButton conv={conv} files={files} onTaker={onTaker} />}
          onFiles={(chosen) => taker.current?.(chosen)}
          // what waits says so itself
          hint={isLive || hasUnsent ? undefined : t("Sends when you're back")}
        />
      )}
    </>
  )
}
