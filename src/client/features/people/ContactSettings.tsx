import { useState } from 'react'
import type { Api } from '#client/live/client.ts'
import { Avatar } from '#client/ui/Avatar.tsx'
import { Button } from '#client/ui/Button.tsx'
import { Choice } from '#client/ui/Choice.tsx'
import { cx } from '#client/ui/cx.ts'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { useAnswer } from '#client/ui/useAnswer.ts'
import { useWish } from '#client/ui/useWish.ts'
import { t } from '#client/words/t.ts'
import type { Contact } from '#protocol/people.ts'
import styles from './ContactSettings.module.css'

type ContactApi = Pick<Api, 'contact' | 'setContact' | 'blocked' | 'unblock'>

/** Who may begin to write to this person, and who may not write at all. */
export function ContactSettings({ api }: { api: ContactApi }) {
  return (
    <section aria-labelledby="settings-contact">
      <h2 id="settings-contact">{t('Who can reach you')}</h2>
      <ContactChoice api={api} />
      <Blocked api={api} />
    </section>
  )
}

function ContactChoice({ api }: { api: ContactApi }) {
  const { answer, again } = useAnswer('contact', () => api.contact())
  const [chosen, setChosen] = useState<Contact | null>(null)
  const wish = useWish()
  if (answer?.ok === false) return <Unknown words={refusalWords(answer)} again={again} />
  const choose = async (contact: Contact) => {
    setChosen(contact)
    if (!(await wish.ask(() => api.setContact(contact)))) setChosen(chosen)
  }
  return (
    // until it is known it takes its place unseen: what comes below must not move away under somebody's finger
    <div className={cx(styles.choice, answer === null && styles.coming)} inert={answer === null}>
      <Choice<Contact>
        label={t('Who may begin to write to you')}
        value={chosen ?? answer?.contact ?? 'anyone'}
        onChange={(contact) => void choose(contact)}
        options={[
          { value: 'anyone', label: t('Anyone') },
          { value: 'shared', label: t('People in my groups') },
          { value: 'nobody', label: t('Nobody') },
        ]}
      />
      <p className={styles.words}>{t('Somebody you don’t know can send a request. You accept it, or block them. Conversations that exist go on.')}</p>
      {wish.fault && <p role="alert">{wish.fault}</p>}
    </div>
  )
}

function Blocked({ api }: { api: ContactApi }) {
  const { answer, again } = useAnswer('blocked', () => api.blocked())
  const wish = useWish()
  if (answer === null || (answer.ok && answer.people.length === 0)) return null
  if (!answer.ok) return <Unknown words={refusalWords(answer)} again={again} />
  return (
    <div>
      <h3 id="settings-blocked">{t('Blocked')}</h3>
      <ul className={styles.people} aria-labelledby="settings-blocked">
        {answer.people.map(({ id, name, picture }) => (
          <li key={id}>
            <Avatar id={id} name={name} picture={picture} small />
            <bdi>{name}</bdi>
            <Button
              look="text"
              aria-label={t('Unblock {name}', { name })}
              onClick={() => void wish.ask(() => api.unblock(id)).then((done) => done && again())}
            >
              {t('Unblock')}
            </Button>
          </li>
        ))}
      </ul>
      {wish.fault && <p role="alert">{wish.fault}</p>}
    </div>
  )
}

function Unknown({ words, again }: { words: string; again: () => void }) {
  return (
    <p className={styles.words}>
      {words}{' '}
      <Button look="text" onClick={again}>
        {t('Try again')}
      </Button>
    </p>
  )
}
