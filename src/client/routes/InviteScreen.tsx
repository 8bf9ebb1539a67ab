import { useEffect, useState } from 'react'
import { Link, useNavigate, useParams } from 'react-router-dom'
import { Avatar } from '#client/ui/Avatar.tsx'
import { Button } from '#client/ui/Button.tsx'
import { Empty } from '#client/ui/Empty.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import type { InviteFacts } from '#protocol/http.ts'
import { useClient } from './clientContext.ts'
import styles from './InviteScreen.module.css'
import { ScreenHeader } from './ScreenHeader.tsx'
import screen from './Screen.module.css'

type Step = { name: 'asking' } | { name: 'known'; invite: InviteFacts; refused: string | null } | { name: 'refused'; words: string; gone: boolean }

/** What anybody with the link may know about a group, and the way in. */
export function InviteScreen() {
  const code = useParams()['code'] ?? ''
  const client = useClient()
  const navigate = useNavigate()
  const [step, setStep] = useState<Step>({ name: 'asking' })
  const [tries, setTries] = useState(0)

  useEffect(() => {
    let left = false
    setStep({ name: 'asking' })
    void client.api.inviteFacts(code).then((reply) => {
      if (left) return
      const gone = !reply.ok && (reply.code === 'E_NOT_FOUND' || reply.code === 'E_INVALID')
      if (reply.ok) setStep({ name: 'known', invite: reply.invite, refused: null })
      else setStep({ name: 'refused', gone, words: gone ? 'It may have been withdrawn, or the link is incomplete. Ask for a new one.' : refusalWords(reply.code) })
    })
    return () => {
      left = true
    }
  }, [client, code, tries])

  const join = async (invite: InviteFacts) => {
    const reply = await client.api.joinByInvite(code)
    if (reply.ok) await navigate(`/chat/${reply.conversation.id}`, { replace: true })
    else setStep({ name: 'known', invite, refused: refusalWords(reply.code) })
  }

  return (
    <>
      <ScreenHeader title="Invitation" />
      <div className={screen.body}>
        {step.name === 'asking' && <p role="status">Looking up the invitation…</p>}
        {step.name === 'refused' && (
          <Empty
            title={step.gone ? 'This invitation does not work' : 'The invitation could not be looked up'}
            action={step.gone ? <Link to="/chat">Go to your conversations</Link> : <Button onClick={() => setTries(tries + 1)}>Try again</Button>}
          >
            {step.words}
          </Empty>
        )}
        {step.name === 'known' && (
          <section className={styles.card} aria-labelledby="invite-name">
            <Avatar id={step.invite.conv} name={step.invite.name} kind="group" />
            <h2 id="invite-name">
              <bdi>{step.invite.name}</bdi>
            </h2>
            <p>{step.invite.memberCount === 1 ? '1 member' : `${step.invite.memberCount} members`}</p>
            {step.invite.isMember ? (
              <Link className={styles.open} to={`/chat/${step.invite.conv}`}>You are a member. Open the group</Link>
            ) : (
              <Button look="primary" onClick={() => void join(step.invite)}>Join group</Button>
            )}
            {step.refused && <p role="alert">{step.refused}</p>}
          </section>
        )}
      </div>
    </>
  )
}
