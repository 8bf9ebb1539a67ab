import { UploadBars } from '#client/features/files/UploadBars.tsx'
import { UndoBar } from '#client/features/messages/UndoBar.tsx'
import type { MessageRow } from '#client/features/messages/rowsFor.ts'
import { OldUnsentBar } from '#client/features/outbox/OldUnsentDialog.tsx'
import { ConsentBar } from '#client/features/people/ConsentBar.tsx'
import type { ConversationView } from '#client/store/selectors/conversations.ts'
import { useClient } from './clientContext.ts'
import { LinkedMessage } from './LinkedMessage.tsx'
import { ReportMessage } from './ReportMessage.tsx'
import { usePeopleInSight } from './usePeopleInSight.ts'

type ConversationBarsProps = {
  view: ConversationView
  /** So many messages from days ago wait for a decision. */
  old: number
  /** The message that is about to be reported. */
  reported: MessageRow | null
  onReported: (row: MessageRow | null) => void
}

/** What stands above the composer while something has to be decided first; and what nobody waits for, as who of those in sight is there. */
export function ConversationBars({ view, old, reported, onReported }: ConversationBarsProps) {
  const { api } = useClient()
  const { id, title, other, facts } = view
  usePeopleInSight(view)
  return (
    <>
      <LinkedMessage conv={id} />
      {reported && <ReportMessage row={reported} onClose={() => onReported(null)} />}
      <UploadBars conv={id} />
      <UndoBar key={id} conv={id} />
      {old > 0 && <OldUnsentBar here />}
      {facts.consent && other && <ConsentBar conv={id} consent={facts.consent} person={{ id: other, name: title }} api={api} />}
    </>
  )
}
