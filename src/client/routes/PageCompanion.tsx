import { useCallback } from 'react'
import { useNavigate } from 'react-router-dom'
import { ConnectionBanner } from '#client/features/connection/ConnectionBanner.tsx'
import { DebugPanel } from '#client/features/connection/DebugPanel.tsx'
import { FormerWordsDialog } from '#client/features/outbox/FormerWordsDialog.tsx'
import { OldUnsentDialog } from '#client/features/outbox/OldUnsentDialog.tsx'
import { useNotifications } from '#client/features/notifications/useNotifications.ts'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectUnsentCount } from '#client/store/selectors/outbox.ts'
import { selectMe } from '#client/store/selectors/session.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { PersonCard } from './PersonCard.tsx'
import { useClient, useIntents } from './clientContext.ts'
import { useDebugPanel } from './useDebugPanel.ts'
import { useDocumentTitle } from './useDocumentTitle.ts'
import { useFreshPage } from './useFreshPage.ts'
import { useNewVersion } from './useNewVersion.ts'
import { useNoStrayFiles } from './useNoStrayFiles.ts'
import { useRegionKeys } from './useRegionKeys.ts'
import { useSpokenFacts } from './useSpokenFacts.ts'

/** What goes with every signed-in screen and is in none at first sight: the banner, the inspector, shortcuts, the voice, its title, and its own renewal. */
export function PageCompanion({ onSignIn }: { onSignIn: () => void }) {
  useDocumentTitle()
  useSpokenFacts()
  useRegionKeys()
  useFreshPage()
  useNewVersion()
  useNoStrayFiles()
  const navigate = useNavigate()
  const open = useCallback((conv: ConversationId) => void navigate(`/chat/${conv}`), [navigate])
  const debug = useDebugPanel()
  const client = useClient()
  useNotifications({ api: client.api, intents: useIntents(), open })
  const me = useAppSelector(selectMe)
  const unsent = useAppSelector(selectUnsentCount)
  return (
    <>
      <ConnectionBanner unsent={unsent} onSignIn={onSignIn} />
      <OldUnsentDialog />
      {me && <FormerWordsDialog me={me} former={client.former} />}
      <PersonCard />
      {debug.isOpen && <DebugPanel onClose={debug.close} />}
    </>
  )
}
