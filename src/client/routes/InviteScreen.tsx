import { useNavigate } from 'react-router-dom'
import { Avatar } from '#client/ui/Avatar.tsx'
import { Button } from '#client/ui/Button.tsx'
import { Empty } from '#client/ui/Empty.tsx'
import { Link } from '#client/ui/Link.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { useAnswer } from '#client/ui/useAnswer.ts'
import { useWish } from '#client/ui/useWish.ts'
import { plural, t } from '#client/words/t.ts'
import type { InviteFacts } from '#protocol/http.ts'
import { useClient } from './clientContext.ts'
import styles from './InviteScreen.module.css'
import { ScreenHeader } from './ScreenHeader.tsx'
import screen from './Screen.module.css'

/** `/join/:code` */
export function InviteScreen({ code }: { code: string }) {
  const client = useClient()
  const { answer, again } = useAnswer(code, () => client.api.inviteFacts(code))
  return (
    <>
      <ScreenHeader title={t('Invitation')} />
      <div className={screen.body}>
        {answer === null ? (
          <p role="status">{t('Looking up the invitation…')}</p>
        ) : answer.ok ? (
          <Invite invite={answer.invite} />
        ) : answer.code === 'E_NOT_FOUND' || answer.code === 'E_INVALID' ? (
          <Empty title={t('This invitation does not work')} action={<Link to="/chat">{t('Go to your conversations')}</Link>}>
            {t('It may have been withdrawn, or the link is incomplete. Ask for a new one.')}
          </Empty>
        ) : (
          <Empty title={t('The invitation could not be looked up')} action={<Button onClick={again}>{t('Try again')}</Button>}>
            {refusalWords(answer)}
          </Empty>
        )}
      </div>
    </>
  )
}

/** What anybody with the link may know about a group, and the way in. */
function Invite({ invite }: { invite: InviteFacts }) {
  const client = useClient()
  const navigate = useNavigate()
  const wish = useWish()
  const join = async () => {
    const joined = await wish.ask(() => client.api.joinByInvite(invite.code))
    if (joined) await navigate(`/chat/${joined.conversation.id}`, { replace: true })
  }
  return (
    <section className={styles.card} aria-labelledby="invite-name">
      <Avatar id={invite.conv} name={invite.name} kind="group" />
      <h2 id="invite-name">
        <bdi>{invite.name}</bdi>
      </h2>
      <p>{plural(invite.memberCount, '1 member', '{n} members')}</p>
      {invite.isMember ? (
        <Link className={styles.open} to={`/chat/${invite.conv}`}>
          {t('You are a member. Open the group')}
        </Link>
      ) : (
        <Button look="primary" aria-busy={wish.isAsking} onClick={() => void join()}>
          {t('Join group')}
        </Button>
      )}
      {wish.fault && <p role="alert">{wish.fault}</p>}
    </section>
  )
}
