import { useState } from 'react'
import { useLocation } from 'react-router-dom'
import { Composer } from '#client/features/composer/Composer.tsx'
import { selectAim } from '#client/features/composer/composerSlice.ts'
import { MessageList } from '#client/features/messages/MessageList.tsx'
import type { MessageRow } from '#client/features/messages/rowsFor.ts'
import { editChosen } from '#client/live/facts.ts'
import { useAppDispatch, useAppSelector, useAppStore } from '#client/store/hooks.ts'
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

const EditComposer = patientPart(() => import('#client/features/composer/EditComposer.tsx').then((part) => part.EditComposer))
const ReportMessage = patientPart(() => import('./ReportMessage.tsx').then((part) => part.ReportMessage))
const LinkedMessage = patientPart(() => import('./LinkedMessage.tsx').then((part) => part.LinkedMessage))
const ConversationBars = patientPart(() => import('./ConversationBars.tsx').then((part) => part.ConversationBars))

/** One conversation on screen, and the owner of its opening and closing. */
export function Conversation({ conv }: { conv: ConversationId }) {
  useOpenConversation(conv)
  const { search } = useLocation()
  const view = useAppSelector((state) => selectConversation(state, conv))
  const name = useAppSelector(selectConnectionName)
  const delayed = useAppSelector((state) => selectDelayOf(state, conv) !== null)
  const old = useAppSelector((state) => selectOldUnsentCountOf(state, conv, Date.now()))
  const hasUnsent = useAppSelector((state) => selectUnsentCountOf(state, conv) > 0)
  const dispatch = useAppDispatch()
  const store = useAppStore()
  const aim = useAppSelector((state) => selectAim(state, conv))
  const [reported, setReported] = useState<MessageRow | null>(null)
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
      {search !== '' && <LinkedMessage conv={conv} />}
      <MessageList conv={conv} title={view.title} queuedWords={queuedWords} onReport={setReported} />
      {reported && <ReportMessage row={reported} onClose={() => setReported(null)} />}
      <ConversationBars view={view} old={old} />
      {aim?.name === 'edit' ? (
        <EditComposer key={aim.clientId} conv={conv} clientId={aim.clientId} title={view.title} />
      ) : (
        <Composer
          conv={conv}
          title={view.title}
          above={<TypingLine conv={conv} />}
          // what waits says so itself
          hint={isLive || hasUnsent ? undefined : "Sends when you're back"}
          onEditLast={() =>
            void import('#client/store/selectors/oneMessage.ts').then(
              ({ selectLastOwn }) => {
                const clientId = selectLastOwn(store.getState(), conv)
                if (clientId) dispatch(editChosen({ conv, clientId }))
              },
              () => {},
            )
          }
        />
      )}
    </>
  )
}
