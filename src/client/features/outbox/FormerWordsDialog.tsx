import { useState } from 'react'
import type { Former, FormerWords } from '#client/live/client.ts'
import { Button } from '#client/ui/Button.tsx'
import { CopyButton } from '#client/ui/CopyButton.tsx'
import { Dialog, DialogActions } from '#client/ui/Dialog.tsx'
import { useAnswer } from '#client/ui/useAnswer.ts'
import { plural, t } from '#client/words/t.ts'
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
  return (
    <Dialog
      title={
        unsent > 0
          ? plural(unsent, 'Send 1 message as {name}?', 'Send {n} messages as {name}?', { name: me.name })
          : plural(words.length, '1 message of {name}', '{n} messages of {name}', { name })
      }
      onClose={onPutOff}
    >
      <p>
        {plural(
          words.length,
          'You wrote this as {name}, and the session ended before it was sent.',
          'You wrote these as {name}, and the session ended before all were sent.',
          { name },
        )}
      </p>
      <ul className={styles.words}>
        {words.map(({ clientId, body, mayHaveArrived }) => (
          <li key={clientId} data-testid="former-row">
            <p className={styles.text} dir="auto">
              {body}
            </p>
            {mayHaveArrived && (
              <p className={styles.note}>
                {t('May have arrived under the old name. It is not sent again: look, and copy it if it is missing.')}{' '}
                <CopyButton look="text" text={body} />
              </p>
            )}
          </li>
        ))}
      </ul>
      <DialogActions>
        <Button onClick={onPutOff}>{t('Not now')}</Button>
        <Button look="danger" onClick={onForget}>
          {t('Delete')}
        </Button>
        {unsent > 0 && (
          <Button look="primary" onClick={onSend}>
            {t('Send as {name}', { name: me.name })}
          </Button>
        )}
      </DialogActions>
    </Dialog>
  )
}
