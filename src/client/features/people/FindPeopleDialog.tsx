import { useId, useState } from 'react'
import type { Api } from '#client/live/client.ts'
import { Avatar } from '#client/ui/Avatar.tsx'
import { Dialog } from '#client/ui/Dialog.tsx'
import { Field } from '#client/ui/Field.tsx'
import { Link } from '#client/ui/Link.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { useSettled } from '#client/ui/useSettled.ts'
import { useAnswer } from '#client/ui/useAnswer.ts'
import { NAME_MAX_GRAPHEMES } from '#protocol/limits.ts'
import { refusal, type Reply } from '#protocol/reply.ts'
import type { Profile } from '#protocol/conversation.ts'
import styles from './FindPeopleDialog.module.css'

/** No question while somebody is still typing it. */
const SETTLED_MS = 250

type FindPeopleDialogProps = { findPeople: Api['findPeople']; onClose: () => void }

/** Somebody to write to, by the beginning of their name. */
export function FindPeopleDialog({ findPeople, onClose }: FindPeopleDialogProps) {
  const [text, setText] = useState('')
  const asked = useSettled(text.trim(), SETTLED_MS)
  const { answer } = useAnswer(asked, () => (asked === '' ? Promise.resolve<Answer>(refusal('E_INVALID')) : findPeople(asked)))
  const listId = useId()
  return (
    <Dialog title="Find people" onClose={onClose}>
      <Field
        label="Name"
        type="search"
        value={text}
        maxLength={NAME_MAX_GRAPHEMES}
        autoComplete="off"
        autoFocus
        hint="The beginning of a name, or of what somebody signs in with."
        aria-controls={listId}
        onChange={(event) => setText(event.target.value)}
      />
      <div id={listId} role="status" className={styles.found}>
        {asked === '' ? null : answer === null ? 'Looking…' : <Found answer={answer} text={asked} onChosen={onClose} />}
      </div>
    </Dialog>
  )
}

type Answer = Reply<{ people: Profile[] }>

function Found({ answer, text, onChosen }: { answer: Answer; text: string; onChosen: () => void }) {
  if (!answer.ok) return refusalWords(answer)
  if (answer.people.length === 0)
    return (
      <>
        Nobody whose name begins with “<bdi>{text}</bdi>” can be found. They may not want to be, or be called otherwise.
      </>
    )
  return (
    <ul className={styles.people}>
      {answer.people.map(({ id, name, picture, isGuest }) => (
        <li key={id}>
          <Link to={`/people/${id}`} onClick={onChosen} className={styles.person}>
            <Avatar id={id} name={name} picture={picture} small />
            <bdi>{name}</bdi>
            {isGuest && <span className={styles.words}>Guest</span>}
          </Link>
        </li>
      ))}
    </ul>
  )
}
