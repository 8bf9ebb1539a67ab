import { useNavigate } from 'react-router-dom'
import { Avatar } from '#client/ui/Avatar.tsx'
import { Button } from '#client/ui/Button.tsx'
import { Empty } from '#client/ui/Empty.tsx'
import { Link } from '#client/ui/Link.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { useAnswer } from '#client/ui/useAnswer.ts'
import { useWish } from '#client/ui/useWish.ts'
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
      <ScreenHeader title="Invitation" />
      <div className={screen.body}>
        {answer === null ? (
          <p role="status">Looking up the invitation…</p>
        ) : answer.ok ? (
          <Invite invite={answer.invite} />
        ) : answer.code === 'E_NOT_FOUND' || answer.code === 'E_INVALID' ? (
          <Empty title="This invitation does not work" action={<Link to="/chat">Go to your conversations</Link>}>
            It may have been withdrawn, or the link is incomplete. Ask for a new one.
          </Empty>
        ) : (
          <Empty title="The invitation could not be looked up" action={<Button onClick={again}>Try again</Button>}>
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
      <p>{invite.memberCount === 1 ? '1 member' : `${invite.memberCount} members`}</p>
      {invite.isMember ? (
        <Link className={styles.open} to={`/chat/${invite.conv}`}>
          You are a member. Open the group
        </Link>
      ) : (
        <Button look="primary" aria-busy={wish.isAsking} onClick={() => void join()}>
          Join group
        </Button>
      )}
      {wish.fault && <p role="alert">{wish.fault}</p>}
    </section>
  )
}
