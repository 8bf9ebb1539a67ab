import { Suspense, useState } from 'react'
import { PresenceDot } from '#client/features/presence/PresenceDot.tsx'
import { PresenceWords } from '#client/features/presence/PresenceWords.tsx'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectIsLive } from '#client/store/selectors/connection.ts'
import type { ConversationView } from '#client/store/selectors/conversations.ts'
import { selectMyId } from '#client/store/selectors/session.ts'
import { Avatar } from '#client/ui/Avatar.tsx'
import { Button, IconButton } from '#client/ui/Button.tsx'
import * as drawings from '#client/ui/drawings.tsx'
import { laterPart } from '#client/ui/laterPart.ts'
import type { UserId } from '#protocol/ids.ts'
import { useClient } from './clientContext.ts'
import { ScreenHeader } from './ScreenHeader.tsx'

const InviteDialog = laterPart(() => import('#client/features/conversations/InviteDialog.tsx').then((part) => part.InviteDialog))
const DetailsDialog = laterPart(() => import('#client/features/conversations/DetailsDialog.tsx').then((part) => part.DetailsDialog))

export function ConversationHeader({ view }: { view: ConversationView }) {
  const client = useClient()
  const me = useAppSelector(selectMyId)
  const isLive = useAppSelector(selectIsLive)
  const [open, setOpen] = useState<'invite' | 'details' | null>(null)
  const close = () => setOpen(null)
  const { facts, other } = view
  return (
    <>
      <ScreenHeader
        title={view.title}
        subtitle={other ? isLive ? <PresenceWords user={other} /> : 'Presence paused' : membersWords(facts.memberCount)}
        picture={
          <Avatar id={other ?? view.id} name={view.title} kind={facts.kind === 'direct' ? 'person' : 'group'}>
            {other && <PresenceDot user={other} />}
          </Avatar>
        }
        actions={
          <>
            {facts.kind === 'group' && (
              <Button
                unavailable={isLive ? undefined : 'Inviting needs a connection. Try again when you are back.'}
                onClick={() => setOpen('invite')}
              >
                Invite
              </Button>
            )}
            <IconButton icon={drawings.details} label="Details" onClick={() => setOpen('details')} />
          </>
        }
      />
      <Suspense fallback={null}>
        {open === 'invite' && <InviteDialog conv={view.id} title={view.title} createInvite={client.api.createInvite} onClose={close} />}
        {open === 'details' && me && (
          <DetailsDialog
            conv={view.id}
            me={me}
            api={client.api}
            check={client.check}
            presence={presenceOf}
            onInvite={isLive ? () => setOpen('invite') : undefined}
            onClose={close}
          />
        )}
      </Suspense>
    </>
  )
}

const presenceOf = (user: UserId) => <PresenceWords user={user} />
const membersWords = (count: number): string => (count === 1 ? '1 member' : `${count} members`)
