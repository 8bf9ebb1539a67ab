import { useEffect, useState } from 'react'
import { useNavigate, useParams } from 'react-router-dom'
import { Button } from '#client/ui/Button.tsx'
import { Empty } from '#client/ui/Empty.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import type { UserId } from '#protocol/ids.ts'
import { useClient } from './clientContext.ts'
import { ScreenHeader } from './ScreenHeader.tsx'
import styles from './Screen.module.css'

/** Opens or creates the one direct conversation with a person, then is that conversation. */
export function PersonScreen() {
  const { userId } = useParams()
  const client = useClient()
  const navigate = useNavigate()
  const [refused, setRefused] = useState<string | null>(null)
  const [tries, setTries] = useState(0)

  useEffect(() => {
    let left = false
    setRefused(null)
    void client.api.openDirect(userId as UserId).then((reply) => {
      if (left) return
      if (reply.ok) void navigate(`/chat/${reply.conversation.id}`, { replace: true })
      else setRefused(reply.code === 'E_NOT_FOUND' || reply.code === 'E_INVALID' ? 'There is nobody at this address any more.' : refusalWords(reply.code))
    })
    return () => {
      left = true
    }
  }, [client, navigate, userId, tries])

  return (
    <>
      <ScreenHeader title="New conversation" />
      <div className={styles.body}>
        {refused === null ? (
          <p role="status">Opening the conversation…</p>
        ) : (
          <Empty title="This conversation could not be opened" action={<Button onClick={() => setTries(tries + 1)}>Try again</Button>}>{refused}</Empty>
        )}
      </div>
    </>
  )
}
