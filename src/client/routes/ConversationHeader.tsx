import { Suspense, useState } from 'react'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectIsLive } from '#client/store/selectors/connection.ts'
import type { ConversationView } from '#client/store/selectors/conversations.ts'
import { Avatar } from '#client/ui/Avatar.tsx'
import { Button, IconButton } from '#client/ui/Button.tsx'
import * as drawings from '#client/ui/drawings.tsx'
import { laterPart, patientPart } from '#client/ui/laterPart.ts'
import { plural, t } from '#client/words/t.ts'
import type { OpenDialog } from './ConversationDialog.tsx'
import { dotFor } from './dotFor.tsx'
import { ScreenHeader } from './ScreenHeader.tsx'

const ConversationDialog = laterPart(() => import('./ConversationDialog.tsx').then((part) => part.ConversationDialog))

/** Its line is there before it is. */
const PresenceWords = patientPart(() => import('#client/features/presence/PresenceWords.tsx').then((part) => part.PresenceWords), '\u00A0')

/** Above the messages: with whom, and the ways to what can be done about it. */
export function ConversationHeader({ view }: { view: ConversationView }) {
  const isLive = useAppSelector(selectIsLive)
  const [open, setOpen] = useState<OpenDialog | null>(null)
  const { facts, other } = view
  return (
    <>
      <ScreenHeader
        title={view.title}
        subtitle={other ? isLive ? <PresenceWords user={other} /> : t('Presence paused') : membersWords(facts.memberCount)}
        picture={
          <Avatar id={other ?? view.id} name={view.title} picture={view.picture} kind={facts.kind === 'direct' ? 'person' : 'group'}>
            {other && dotFor(other)}
          </Avatar>
        }
        actions={
          <>
            {facts.kind === 'group' && (
              <Button
                unavailable={isLive ? undefined : t('Inviting needs a connection. Try again when you are back.')}
                onClick={() => setOpen('invite')}
              >
                {t('Invite')}
              </Button>
            )}
            <IconButton icon={drawings.details} label={t('Details')} onClick={() => setOpen('details')} />
          </>
        }
      />
      <Suspense fallback={null}>{open && <ConversationDialog view={view} open={open} onOpen={setOpen} />}</Suspense>
    </>
  )
}

const membersWords = (count: number): string => plural(count, '1 member', '{n} members')
