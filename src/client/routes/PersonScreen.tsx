import { useEffect } from 'react'
import { useNavigate } from 'react-router-dom'
import { Button } from '#client/ui/Button.tsx'
import { Empty } from '#client/ui/Empty.tsx'
import { Link } from '#client/ui/Link.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { useAnswer } from '#client/ui/useAnswer.ts'
import { t } from '#client/words/t.ts'
import type { UserId } from '#protocol/ids.ts'
import { useClient } from './clientContext.ts'
import { ScreenHeader } from './ScreenHeader.tsx'
import styles from './Screen.module.css'

/** Opens or creates the one direct conversation with a person, then is that conversation. */
export function PersonScreen({ user }: { user: UserId }) {
  const client = useClient()
  const navigate = useNavigate()
  const { answer, again } = useAnswer(user, () => client.api.openDirect(user))
  const conv = answer?.ok ? answer.conversation.id : null
  const isNobody = answer?.ok === false && (answer.code === 'E_NOT_FOUND' || answer.code === 'E_INVALID')

  useEffect(() => {
    if (conv !== null) void navigate(`/chat/${conv}`, { replace: true })
  }, [conv, navigate])

  return (
    <>
      <ScreenHeader title={t('New conversation')} />
      <div className={styles.body}>
        {answer && !answer.ok ? (
          <Empty
            title={t('This conversation could not be opened')}
            action={
              isNobody || answer.code === 'E_FORBIDDEN' ? (
                <Link to="/chat">{t('Go to your conversations')}</Link>
              ) : (
                <Button onClick={again}>{t('Try again')}</Button>
              )
            }
          >
            {isNobody
              ? t('There is nobody at this address any more.')
              : answer.code === 'E_FORBIDDEN'
                ? t('This person does not take messages from people they do not know.')
                : refusalWords(answer)}
          </Empty>
        ) : (
          <p role="status">{t('Opening the conversation…')}</p>
        )}
      </div>
    </>
  )
}
