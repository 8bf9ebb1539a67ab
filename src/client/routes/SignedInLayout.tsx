import { Suspense, useState, type ReactNode } from 'react'
import { useLocation } from 'react-router-dom'
import { selectNotices } from '#client/features/notices/noticesSlice.ts'
import type { SessionState } from '#client/features/session/sessionSlice.ts'
import { useAppSelector } from '#client/store/hooks.ts'
import { addressOf } from '#client/ui/address.ts'
import { cx } from '#client/ui/cx.ts'
import { ErrorBoundary } from '#client/ui/ErrorBoundary.tsx'
import { laterPart, patientPart } from '#client/ui/laterPart.ts'
import { t } from '#client/words/t.ts'
import { useClient } from './clientContext.ts'
import { dotFor } from './dotFor.tsx'
import { SideHeaderBefore } from './SideName.tsx'
import styles from './SignedInLayout.module.css'
import { useLaterParts } from './useLaterParts.ts'
import { useLiveSession } from './useLiveSession.ts'

const Notices = laterPart(() => import('#client/features/notices/Notices.tsx').then((part) => part.Notices))
const SideHeader = patientPart(
  () => import('./SideHeader.tsx').then((part) => part.SideHeader),
  ({ me }) => <SideHeaderBefore me={me} />,
)
const ConversationList = patientPart(() => import('#client/features/conversations/ConversationList.tsx').then((part) => part.ConversationList))
const PageCompanion = patientPart(() => import('./PageCompanion.tsx').then((part) => part.PageCompanion))
const SignInDialog = laterPart(() => import('./SignInDialog.tsx').then((part) => part.SignInDialog))

/** Everything a signed-in person sees, and the owner of their live tie to the server. */
export function SignedInLayout({ session, children }: { session: Extract<SessionState, { name: 'signedIn' }>; children: ReactNode }) {
  const client = useClient()
  useLiveSession(client, session.user)
  useLaterParts()
  const hasNotices = useAppSelector((state) => selectNotices(state).length > 0)
  const { pathname } = useLocation()
  const listIsTheScreen = addressOf(pathname).name === 'conversations'
  const { ended } = session
  const [putOff, setPutOff] = useState<typeof ended>(null)

  return (
    <div className={styles.page}>
      <a className={styles.skip} href="#message-box" onClick={skipToComposer}>
        {t('Skip to message box')}
      </a>
      <PageCompanion onSignIn={() => setPutOff(null)} />
      <div className={cx(styles.panes, listIsTheScreen && styles.listFirst)}>
        <div className={styles.side}>
          <SideHeader me={session.user} />
          <ConversationList dot={dotFor} />
        </div>
        <main className={styles.main} aria-labelledby="screen-title">
          <ErrorBoundary resetKey={pathname}>
            <Suspense fallback={null}>{children}</Suspense>
          </ErrorBoundary>
          {hasNotices && (
            <div className={styles.notices}>
              <Suspense fallback={null}>
                <Notices />
              </Suspense>
            </div>
          )}
        </main>
      </div>
      <Suspense fallback={null}>
        {ended && putOff !== ended && <SignInDialog me={session.user} ended={ended} onPutOff={() => setPutOff(ended)} />}
      </Suspense>
    </div>
  )
}

function skipToComposer(event: { preventDefault: () => void }) {
  event.preventDefault()
  document.querySelector<HTMLElement>('[data-region="composer"]')?.focus()
}
