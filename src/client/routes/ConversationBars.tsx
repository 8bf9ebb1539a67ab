import { UndoBar } from '#client/features/messages/UndoBar.tsx'
import { OldUnsentBar } from '#client/features/outbox/OldUnsentDialog.tsx'
import { ConsentBar } from '#client/features/people/ConsentBar.tsx'
import type { ConversationView } from '#client/store/selectors/conversations.ts'
import { useClient } from './clientContext.ts'

/** What stands above the composer while something has to be decided first. `old`: so many messages from days ago wait for that. */
export function ConversationBars({ view, old }: { view: ConversationView; old: number }) {
  const { api } = useClient()
  const { id, title, other, facts } = view
  return (
    <>
      <UndoBar key={id} conv={id} />
      {old > 0 && <OldUnsentBar here />}
      {facts.consent && other && <ConsentBar conv={id} consent={facts.consent} person={{ id: other, name: title }} api={api} />}
    </>
  )
}
