import { useEffect, useMemo, useRef, useState } from 'react'
import { Navigate, useRoutes, type RouteObject } from 'react-router-dom'
import { useAppearanceOnPage } from '#client/features/settings/useAppearance.ts'
import type { Client } from '#client/live/client.ts'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectSession } from '#client/store/selectors/session.ts'
import { laterPart } from '#client/ui/laterPart.ts'
import { LOBBY } from '#protocol/ids.ts'
import styles from './AppRoutes.module.css'
import { ChatIndex } from './ChatIndex.tsx'
import { OutsideProvider, type Outside } from './clientContext.ts'
import { ConversationScreen } from './ConversationScreen.tsx'
import { SignedInLayout } from './SignedInLayout.tsx'
import { usePageState } from './usePageState.ts'
import { Welcome } from './Welcome.tsx'

const OutboxScreen = laterPart(() => import('./OutboxScreen.tsx').then((part) => part.OutboxScreen))
const SettingsScreen = laterPart(() => import('./SettingsScreen.tsx').then((part) => part.SettingsScreen))
const PersonScreen = laterPart(() => import('./PersonScreen.tsx').then((part) => part.PersonScreen))
const InviteScreen = laterPart(() => import('./InviteScreen.tsx').then((part) => part.InviteScreen))
const NotFoundScreen = laterPart(() => import('./NotFoundScreen.tsx').then((part) => part.NotFoundScreen))

const ROUTES: RouteObject[] = [
  {
    element: <Gate />,
    children: [
      { index: true, element: <Navigate to={`/chat/${LOBBY}`} replace /> },
      { path: 'chat', element: <ChatIndex /> },
      { path: 'chat/:conversationId', element: <ConversationScreen /> },
      { path: 'people/:userId', element: <PersonScreen /> },
      { path: 'join/:code', element: <InviteScreen /> },
      { path: 'outbox', element: <OutboxScreen /> },
      { path: 'settings', element: <SettingsScreen /> },
      { path: '*', element: <NotFoundScreen /> },
    ],
  },
]

/** The app from its address down. Needs the store and a router around it. */
export function AppRoutes({ client, intents }: Outside) {
  useResume(client)
  usePageState()
  useAppearanceOnPage()
  const outside = useMemo(() => ({ client, intents }), [client, intents])
  return <OutsideProvider value={outside}>{useRoutes(ROUTES)}</OutsideProvider>
}

/** Who is there decides what is shown, at any address: nobody is sent away from the link they followed. */
function Gate() {
  const session = useAppSelector(selectSession)
  switch (session.name) {
    case 'booting':
      return <Opening />
    case 'nobody':
      return <Welcome />
    case 'signedIn':
      return <SignedInLayout session={session} />
  }
}

const WORDS_AFTER_MS = 400

/** Blank for a moment, because a word that flashes by is noise. */
function Opening() {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), WORDS_AFTER_MS)
    return () => clearTimeout(timer)
  }, [])
  return <main className={styles.opening}>{slow && <p role="status">Opening Tidemark…</p>}</main>
}

function useResume(client: Client): void {
  const asked = useRef<Client | null>(null)
  useEffect(() => {
    if (asked.current === client) return
    asked.current = client
    void client.resume()
  }, [client])
}
