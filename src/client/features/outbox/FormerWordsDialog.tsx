import { useState } from 'react'
import type { Former, FormerWords } from '#client/live/client.ts'
import { Button } from '#client/ui/Button.tsx'
import { CopyButton } from '#client/ui/CopyButton.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { useAnswer } from '#client/ui/useAnswer.ts'
import type { Me } from '#protocol/session.ts'
import styles from './FormerWordsDialog.module.css'

/** Asked after a guest's session was lost: whether what waited under the old name goes out under the new one. */
export function FormerWordsDialog({ me, former }: { me: Me; former: FormerWords }) {
  const { answer, again } = useAnswer(me.id, former.read)
  const [putOff, setPutOff] = useState<string | null>(null)
  const asked = Array.isArray(answer) ? answer[0] : undefined
  if (!asked || putOff === me.id) return null
  const then = (done: Promise<void>) => void done.then(again)
  return (
    <Question
      asked={asked}
      me={me}
      onSend={() => then(former.send(asked.user))}
      onForget={() => then(former.forget(asked.user))}
      onPutOff={() => setPutOff(me.id)}
    />
  )
}

type QuestionProps = { asked: Former; me: Me; onSend: () => void; onForget: () => void; onPutOff: () => void }

function Question({ asked: { name, words }, me, onSend, onForget, onPutOff }: QuestionProps) {
  const unsent = words.filter((one) => !one.mayHaveArrived).length
  const messages = (count: number) => (count === 1 ? '1 message' : `${count} messages`)
  return (
    <Dialog title={unsent > 0 ? `Send ${messages(unsent)} as ${me.name}?` : `${messages(words.length)} of ${name}`} onClose={onPutOff}>
      <p>
        You wrote {words.length === 1 ? 'this' : 'these'} as <bdi>{name}</bdi>, and the session ended before{' '}
        {words.length === 1 ? 'it was' : 'all were'} sent.
      </p>
      <ul className={styles.words}>
        {words.map(({ clientId, body, mayHaveArrived }) => (
          <li key={clientId} data-testid="former-row">
            <p className={styles.text} dir="auto">
              {body}
            </p>
            {mayHaveArrived && (
              <p className={styles.note}>
                May have arrived under the old name. It is not sent again: look, and copy it if it is missing. <CopyButton look="text" text={body} />
              </p>
            )}
          </li>
        ))}
      </ul>
      <DialogActions>
        <Button onClick={onPutOff}>Not now</Button>
        <Button look="danger" onClick={onForget}>
          Delete
        </Button>
        {unsent > 0 && (
          <Button look="primary" onClick={onSend}>
            Send as {me.name}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  )
}
