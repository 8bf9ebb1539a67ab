import { DetailsDialog } from '#client/features/conversations/DetailsDialog.tsx'
import { InviteDialog } from '#client/features/conversations/InviteDialog.tsx'
import { ReportDialog } from '#client/features/people/ReportDialog.tsx'
import { PresenceWords } from '#client/features/presence/PresenceWords.tsx'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectIsLive } from '#client/store/selectors/connection.ts'
import type { ConversationView } from '#client/store/selectors/conversations.ts'
import { selectMyId } from '#client/store/selectors/session.ts'
import type { UserId } from '#protocol/ids.ts'
import { useClient } from './clientContext.ts'

export type OpenDialog = 'invite' | 'details' | 'report'

type ConversationDialogProps = { view: ConversationView; open: OpenDialog; onOpen: (dialog: OpenDialog | null) => void }

/** What is open over a conversation. */
export function ConversationDialog({ view, open, onOpen }: ConversationDialogProps) {
  const client = useClient()
  const me = useAppSelector(selectMyId)
  const isLive = useAppSelector(selectIsLive)
  const { id: conv, title, other } = view
  const close = () => onOpen(null)
  switch (open) {
    case 'invite':
      return <InviteDialog conv={conv} title={title} api={client.api} onClose={close} />
    case 'report':
      return other && <ReportDialog person={{ id: other, name: title }} report={client.api.report} onClose={close} />
    case 'details':
      return (
        me && (
          <DetailsDialog
            conv={conv}
            me={me}
            api={client.api}
            // what can still be undone would be refused to somebody who is gone
            leave={() => client.settled(conv).then(() => client.api.leave(conv))}
            check={client.check}
            presence={presenceOf}
            onInvite={isLive ? () => onOpen('invite') : undefined}
            onReport={() => onOpen('report')}
            onClose={close}
          />
        )
      )
  }
}

const presenceOf = (user: UserId) => <PresenceWords user={user} />
