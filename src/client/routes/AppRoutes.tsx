import { useEffect, useMemo, useState } from 'react'
import { useNavigate } from 'react-router-dom'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectSession } from '#client/store/selectors/session.ts'
import { useAddress } from '#client/ui/address.ts'
import { FileSource } from '#client/ui/fileSource.ts'
import { laterPart, patientPart } from '#client/ui/laterPart.ts'
import { t } from '#client/words/t.ts'
import { LOBBY } from '#protocol/ids.ts'
import styles from './AppRoutes.module.css'
import { OutsideProvider, type Outside } from './clientContext.ts'
import { Conversation } from './Conversation.tsx'
import { ScreenHeader } from './ScreenHeader.tsx'
import { SignedInLayout } from './SignedInLayout.tsx'
import { usePageState } from './usePageState.ts'

const Welcome = patientPart(() => import('./Welcome.tsx').then((part) => part.Welcome), <Opening />)
const ChatIndex = patientPart(() => import('./ChatIndex.tsx').then((part) => part.ChatIndex), <ScreenHeader title="Tidemark" back={false} />)
const AppearanceOnPage = patientPart(() => import('#client/features/settings/AppearanceOnPage.tsx').then((part) => part.AppearanceOnPage))
const OtherScreen = laterPart(() => import('./OtherScreen.tsx').then((part) => part.OtherScreen))

/** The app from its address down. Needs the store and a router around it. */
export function AppRoutes({ client, intents }: Outside) {
  useEffect(() => void client.resume(), [client])
  usePageState()
  const outside = useMemo(() => ({ client, intents }), [client, intents])
  return (
    <OutsideProvider value={outside}>
      <FileSource.Provider value={outside.client.files}>
        <Gate />
        <AppearanceOnPage />
      </FileSource.Provider>
    </OutsideProvider>
  )
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
      return (
        <SignedInLayout session={session}>
          <Screen />
        </SignedInLayout>
      )
  }
}

/** The screen of an address. React Router's own table of routes would bring its loading of data along, to everybody's first load. */
function Screen() {
  const address = useAddress()
  switch (address.name) {
    case 'start':
      return <ToLobby />
    case 'conversations':
      return <ChatIndex />
    case 'conversation':
      // another conversation is another screen: nothing of the last one lingers
      return <Conversation key={address.conv} conv={address.conv} />
    default:
      return <OtherScreen address={address} />
  }
}

function ToLobby() {
  const navigate = useNavigate()
  useEffect(() => void navigate(`/chat/${LOBBY}`, { replace: true }), [navigate])
  return null
}

const WORDS_AFTER_MS = 400

/** Blank for a moment, because a word that flashes by is noise. */
function Opening() {
  const [slow, setSlow] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), WORDS_AFTER_MS)
    return () => clearTimeout(timer)
  }, [])
  return <main className={styles.opening}>{slow && <p role="status">{t('Opening Tidemark…')}</p>}</main>
}
