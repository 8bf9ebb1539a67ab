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
import type { Contact, Receipts } from '#protocol/people.ts'
import type { Reply } from '#protocol/reply.ts'
import styles from './PrivacySettings.module.css'

type PrivacyApi = Pick<Api, 'contact' | 'setContact' | 'receipts' | 'setReceipts' | 'blocked' | 'unblock'>

/** Who may begin to write to this person, what others learn of them, and who may not write at all. */
export function PrivacySettings({ api }: { api: PrivacyApi }) {
  const { answer, again } = useAnswer('privacy', () => privacyOf(api))
  const known = answer?.ok === true ? answer : undefined
  return (
    <section aria-labelledby="settings-privacy">
      <h2 id="settings-privacy">{t('Privacy')}</h2>
      {answer?.ok === false ? (
        <Unknown words={refusalWords(answer)} again={again} />
      ) : (
        <>
          <ServerChoice<Contact>
            label={t('Who may begin to write to you')}
            known={known?.contact}
            save={api.setContact}
            options={[
              { value: 'anyone', label: t('Anyone') },
              { value: 'shared', label: t('People in my groups') },
              { value: 'nobody', label: t('Nobody') },
            ]}
            words={t('Somebody you don’t know can send a request. You accept it, or block them. Conversations that exist go on.')}
          />
          <ServerChoice<Receipts>
            label={t('Tell others what you have read')}
            known={known?.receipts}
            save={api.setReceipts}
            options={[
              { value: 'shown', label: t('Yes') },
              { value: 'hidden', label: t('No') },
            ]}
            words={t('If not, they still see what reached one of your devices. What they were told before stays.')}
          />
          {known && <Blocked people={known.people} unblock={api.unblock} />}
        </>
      )}
    </section>
  )
}

/** All or nothing: why it can't be known is said once. */
async function privacyOf(api: PrivacyApi): Promise<Reply<{ contact: Contact; receipts: Receipts; people: Profile[] }>> {
  const [contact, receipts, blocked] = await Promise.all([api.contact(), api.receipts(), api.blocked()])
  if (!contact.ok) return contact
  if (!receipts.ok) return receipts
  return blocked.ok ? { ok: true, contact: contact.contact, receipts: receipts.receipts, people: blocked.people } : blocked
}

type ServerChoiceProps<T extends string> = {
  label: string
  /** undefined: not yet. */
  known: T | undefined
  options: [{ value: T; label: string }, ...{ value: T; label: string }[]]
  save: (value: T) => Promise<Reply>
  words: string
}

/** What the server keeps of this person's choices. */
function ServerChoice<T extends string>({ label, known, options, save, words }: ServerChoiceProps<T>) {
  const [chosen, setChosen] = useState<T | null>(null)
  const wish = useWish()
  const choose = async (value: T) => {
    setChosen(value)
    if (!(await wish.ask(() => save(value)))) setChosen(chosen)
  }
  return (
    // until it is known it takes its place unseen: what comes below must not move away under somebody's finger
    <div className={cx(styles.choice, known === undefined && styles.coming)} inert={known === undefined}>
      <Choice<T> label={label} value={chosen ?? known ?? options[0].value} onChange={(value) => void choose(value)} options={options} />
      <p className={styles.words}>{words}</p>
      {wish.fault && <p role="alert">{wish.fault}</p>}
    </div>
  )
}

function Blocked({ people, unblock }: { people: Profile[] } & Pick<PrivacyApi, 'unblock'>) {
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
