import { useState } from 'react'
import type { Api } from '#client/live/client.ts'
import { Button } from '#client/ui/Button.tsx'
import { makePasskey } from '#client/ui/passkeys.ts'
import { PasswordField } from '#client/ui/PasswordField.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { whenWords } from '#client/ui/times.ts'
import { useAnswer } from '#client/ui/useAnswer.ts'
import { useToday } from '#client/ui/useToday.ts'
import { useWish } from '#client/ui/useWish.ts'
import { t } from '#client/words/t.ts'
import { PASSKEYS_MAX } from '#protocol/limits.ts'
import type { Passkey, PasskeyId } from '#protocol/passkey.ts'
import type { Refusal } from '#protocol/reply.ts'
import rows from './DeviceList.module.css'
import forms from './forms.module.css'

export type PasskeyAsks = 'passkeys' | 'passkeyOptions' | 'addPasskey' | 'removePasskey'

/** The passkeys of a registered person: a second way in beside the password. For pages that can have some. */
export function PasskeySettings({ api }: { api: Pick<Api, PasskeyAsks> }) {
  const today = useToday()
  const { answer, again } = useAnswer('passkeys', api.passkeys)
  const [changed, setChanged] = useState<Passkey[] | null>(null)
  /** What is typed to add one; null: nothing is being added. */
  const [password, setPassword] = useState<string | null>(null)
  const wish = useWish(wordsFor)
  const passkeys = changed ?? (answer?.ok === true ? answer.passkeys : [])

  const add = async () => {
    const asked = await wish.ask(() => api.passkeyOptions(password ?? ''))
    if (!asked) return
    setPassword(null)
    const from = await makePasskey(asked.options)
    if (!from.ok) return wish.refuse(from.why)
    const added = await wish.ask(() => api.addPasskey(from.passkey))
    if (added) setChanged(added.passkeys)
  }
  const remove = async (id: PasskeyId) => {
    const left = await wish.ask(() => api.removePasskey(id))
    setChanged(left?.passkeys ?? null)
    if (!left) again()
  }
  return (
    <section aria-labelledby="settings-passkeys">
      <h3 id="settings-passkeys">{t('Passkeys')}</h3>
      <p className={forms.words}>{t('A passkey signs you in with your fingerprint, your face or the PIN of your device instead of the password.')}</p>
      {passkeys.length > 0 && (
        <ul className={rows.devices}>
          {passkeys.map(({ id, label, madeAt, usedAt }) => (
            <li key={id} data-testid="passkey-row">
              <span className={rows.words}>
                <span className={rows.name}>{label}</span>
                <span className={rows.when}>
                  {t('Added {when}', { when: whenWords(madeAt, today) })} ·{' '}
                  {usedAt === null ? t('not used yet') : t('last used {when}', { when: whenWords(usedAt, today) })}
                </span>
              </span>
              <Button aria-label={t('Remove: {label}, added {when}', { label, when: whenWords(madeAt, today) })} onClick={() => void remove(id)}>
                {t('Remove')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {answer?.ok === false && !changed && (
        <p role="alert" className={forms.fault}>
          {t('Your passkeys could not be looked up.')} {refusalWords(answer)} <Button onClick={again}>{t('Try again')}</Button>
        </p>
      )}
      {wish.fault && (
        <p role="alert" className={forms.fault}>
          {wish.fault}
        </p>
      )}
      {passkeys.length < PASSKEYS_MAX &&
        (password === null ? (
          <div>
            <Button onClick={() => setPassword('')}>{t('Add a passkey')}</Button>
          </div>
        ) : (
          <form
            className={forms.form}
            aria-label={t('Add a passkey')}
            onSubmit={(event) => {
              event.preventDefault()
              void add()
            }}
          >
            <PasswordField
              label={t('Password')}
              value={password}
              autoComplete="current-password"
              autoFocus
              required
              onChange={(event) => setPassword(event.target.value)}
            />
            <div className={forms.row}>
              <Button look="primary" type="submit" aria-busy={wish.isAsking}>
                {t('Continue')}
              </Button>
              <Button onClick={() => setPassword(null)}>{t('Back')}</Button>
            </div>
          </form>
        ))}
    </section>
  )
}

function wordsFor(refused: Refusal): string {
  switch (refused.code) {
    case 'E_CREDENTIALS':
      return t('That did not fit. Check the password and try again.')
    case 'E_ID_CONFLICT':
      return t('This passkey is in use already.')
    case 'E_FORBIDDEN':
      return t('You have as many passkeys as there can be. Remove one first.')
    default:
      return refusalWords(refused)
  }
}
