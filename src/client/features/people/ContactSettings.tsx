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
import type { Profile } from '#protocol/conversation.ts'
import type { UserId } from '#protocol/ids.ts'
import type { Contact } from '#protocol/people.ts'
import type { Reply } from '#protocol/reply.ts'
import styles from './ContactSettings.module.css'

type ContactApi = Pick<Api, 'contact' | 'setContact' | 'blocked' | 'unblock'>

/** Who may begin to write to this person, and who may not write at all. */
export function ContactSettings({ api }: { api: ContactApi }) {
  const { answer, again } = useAnswer('contact', () => reachOf(api))
  return (
    <section aria-labelledby="settings-contact">
      <h2 id="settings-contact">{t('Who can reach you')}</h2>
      {answer?.ok === false ? (
        <Unknown words={refusalWords(answer)} again={again} />
      ) : (
        <>
          <ContactChoice known={answer?.contact} setContact={api.setContact} />
          {answer && <Blocked people={answer.people} unblock={api.unblock} />}
        </>
      )}
    </section>
  )
}

/** Both or neither: why it can't be known is said once. */
async function reachOf(api: ContactApi): Promise<Reply<{ contact: Contact; people: Profile[] }>> {
  const [chosen, blocked] = await Promise.all([api.contact(), api.blocked()])
  if (!chosen.ok) return chosen
  return blocked.ok ? { ok: true, contact: chosen.contact, people: blocked.people } : blocked
}

function ContactChoice({ known, setContact }: { known: Contact | undefined } & Pick<ContactApi, 'setContact'>) {
  const [chosen, setChosen] = useState<Contact | null>(null)
  const wish = useWish()
  const choose = async (contact: Contact) => {
    setChosen(contact)
    if (!(await wish.ask(() => setContact(contact)))) setChosen(chosen)
  }
  return (
    // until it is known it takes its place unseen: what comes below must not move away under somebody's finger
    <div className={cx(styles.choice, known === undefined && styles.coming)} inert={known === undefined}>
      <Choice<Contact>
        label={t('Who may begin to write to you')}
        value={chosen ?? known ?? 'anyone'}
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

function Blocked({ people, unblock }: { people: Profile[] } & Pick<ContactApi, 'unblock'>) {
  const [unblocked, setUnblocked] = useState<readonly UserId[]>([])
  const wish = useWish()
  const left = people.filter(({ id }) => !unblocked.includes(id))
  if (left.length === 0) return null
  return (
    <div>
      <h3 id="settings-blocked">{t('Blocked')}</h3>
      <ul className={styles.people} aria-labelledby="settings-blocked">
        {left.map(({ id, name, picture }) => (
          <li key={id}>
            <Avatar id={id} name={name} picture={picture} small />
            <bdi>{name}</bdi>
            <Button
              look="text"
              aria-label={t('Unblock {name}', { name })}
              onClick={() => void wish.ask(() => unblock(id)).then((done) => done && setUnblocked((before) => [...before, id]))}
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
