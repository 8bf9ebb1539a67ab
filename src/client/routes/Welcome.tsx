import { Suspense, useEffect, useState } from 'react'
import { useLocation, useNavigate } from 'react-router-dom'
import { Button } from '#client/ui/Button.tsx'
import * as drawings from '#client/ui/drawings.tsx'
import { Icon } from '#client/ui/Icon.tsx'
import { laterPart } from '#client/ui/laterPart.ts'
import { Spinner } from '#client/ui/Spinner.tsx'
import { t } from '#client/words/t.ts'
import type { Refusal } from '#protocol/reply.ts'
import { LOBBY } from '#protocol/ids.ts'
import { useClient } from './clientContext.ts'
import type { OtherWayName } from './OtherWay.tsx'
import styles from './Welcome.module.css'

/** The words are loaded when they are needed. Where they can't be, the reason is what keeps them away. */
const wordsFor = (refused: Refusal): Promise<string> =>
  import('#client/ui/refusalWords.ts').then(
    ({ refusalWords }) => refusalWords(refused),
    () => t("The server can't be reached. Try again."),
  )

const OtherWay = laterPart(() => import('./OtherWay.tsx').then((part) => part.OtherWay))

/** For nobody in particular yet. A link to somewhere inside is kept: it opens right after. */
export function Welcome() {
  const client = useClient()
  const navigate = useNavigate()
  const { pathname } = useLocation()
  const [way, setWay] = useState<OtherWayName | 'guest'>(pathname === '/reset' ? 'reset' : 'guest')
  const [step, setStep] = useState<{ name: 'asking' } | { name: 'entering' } | { name: 'refused'; words: string; isAway: boolean }>({
    name: 'asking',
  })

  useEffect(() => {
    // what was said of the network may be over
    const onOnline = () => setStep((was) => (was.name === 'refused' && was.isAway ? { name: 'asking' } : was))
    window.addEventListener('online', onOnline)
    return () => window.removeEventListener('online', onOnline)
  }, [])

  const entered = () => {
    if (pathname === '/') void navigate(`/chat/${LOBBY}`, { replace: true })
  }
  const enterAsGuest = async () => {
    if (step.name === 'entering') return
    setStep({ name: 'entering' })
    const reply = await client.enter('guest', {})
    if (!reply.ok) setStep({ name: 'refused', words: await wordsFor(reply), isAway: reply.code === 'E_TIMEOUT' })
    else entered()
  }

  return (
    <main className={styles.welcome}>
      <div className={styles.card}>
        <span className={styles.mark}>
          <Icon drawing={drawings.tide} size={32} />
        </span>
        <h1>Tidemark</h1>
        {way === 'guest' ? (
          <>
            <p className={styles.lead}>
              {t('Chat that keeps every word. Nothing you write is lost, repeated or out of order, whatever the network does.')}
            </p>
            {pathname.startsWith('/join/') && <p className={styles.note}>{t('You were invited to a group.')}</p>}
            <Button look="primary" className={styles.enter} aria-busy={step.name === 'entering'} onClick={() => void enterAsGuest()}>
              {step.name === 'entering' && <Spinner />}
              {t('Continue as guest')}
            </Button>
            {step.name === 'refused' && (
              <p role="alert" className={styles.fault}>
                {step.words}
              </p>
            )}
            <div className={styles.ways}>
              <Button onClick={() => setWay('login')}>{t('Sign in')}</Button>
              <Button onClick={() => setWay('register')}>{t('Create account')}</Button>
            </div>
            <p className={styles.note}>{t('No account needed. You can make one later.')}</p>
          </>
        ) : (
          <Suspense fallback={null}>
            <OtherWay way={way} onEntered={entered} onBack={() => setWay('guest')} />
          </Suspense>
        )}
      </div>
    </main>
  )
}
