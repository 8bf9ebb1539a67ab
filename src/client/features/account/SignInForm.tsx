import { useState } from 'react'
import type { Client, Entered } from '#client/live/client.ts'
import { Button } from '#client/ui/Button.tsx'
import { Field } from '#client/ui/Field.tsx'
import { PasswordField } from '#client/ui/PasswordField.tsx'
import { refusalWords } from '#client/ui/refusalWords.ts'
import { useWish } from '#client/ui/useWish.ts'
import { LoginName, Password } from '#protocol/account.ts'
import { DeviceLimitAnswer, type Device } from '#protocol/device.ts'
import type { DeviceId } from '#protocol/ids.ts'
import { refusal, type Refusal } from '#protocol/reply.ts'
import { DeviceList } from './DeviceList.tsx'
import styles from './forms.module.css'
import { canHavePasskeys, showPasskey } from '#client/ui/passkeys.ts'
import { t } from '#client/words/t.ts'

type SignInFormProps = { enter: Client['enter']; onEntered: () => void; onBack: () => void; /** what leads back */ back?: string }
/** `signOut`: the device that makes room. `words`: what only this way in can say of a refusal. */
type Attempt = (signOut?: DeviceId) => Promise<Entered & { words?: string }>

/** Name and password, or a passkey; where the person is signed in on as many devices as may be, which of them makes room. */
export function SignInForm({ enter, onEntered, onBack, back = t('Back') }: SignInFormProps) {
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [full, setFull] = useState<{ devices: Device[]; attempt: Attempt } | null>(null)
  const wish = useWish((refused: Refusal & { words?: string }) => refused.words ?? refusalWords(refused))

  const signIn = async (attempt: Attempt, signOut?: DeviceId) => {
    const granted = await wish.ask(async () => {
      const entered = await attempt(signOut)
      const limit = entered.ok ? undefined : DeviceLimitAnswer.safeParse(entered.answer)
      setFull(limit?.success === true ? { devices: limit.data.devices, attempt } : null)
      return entered
    })
    if (granted) onEntered()
  }
  const byPassword: Attempt = async (signOut) => {
    const isPossible = LoginName.safeParse(login).success && Password.safeParse(password).success
    return isPossible ? enter('login', { login, password, ...(signOut !== undefined && { signOut }) }) : refusal('E_CREDENTIALS')
  }
  const byPasskey: Attempt = async (signOut) => {
    let words = t('This passkey could not be checked here. Try again, or sign in with your password.')
    const show = async (answer: unknown) => {
      const from = await showPasskey(answer)
      if (from.ok) return from.passkey
      words = from.why
      return undefined
    }
    const entered = await enter('passkey', { show, ...(signOut !== undefined && { signOut }) })
    return !entered.ok && entered.code === 'E_CREDENTIALS' ? { ...entered, words } : entered
  }

  if (full)
    return (
      <div className={styles.form}>
        <p>{refusalWords({ code: 'E_DEVICE_LIMIT' })}</p>
        <DeviceList devices={full.devices} action={t('Sign out and continue here')} onSignOut={(device) => void signIn(full.attempt, device)} />
        <div className={styles.row}>
          <Button onClick={() => setFull(null)}>{back}</Button>
        </div>
      </div>
    )
  return (
    <form
      className={styles.form}
      aria-label={t('Sign in')}
      onSubmit={(event) => {
        event.preventDefault()
        void signIn(byPassword)
      }}
    >
      <Field
        label={t('Sign-in name')}
        value={login}
        autoComplete="username"
        autoCapitalize="off"
        spellCheck={false}
        autoFocus
        required
        onChange={(event) => setLogin(event.target.value)}
      />
      <PasswordField
        label={t('Password')}
        value={password}
        autoComplete="current-password"
        required
        onChange={(event) => setPassword(event.target.value)}
      />
      {wish.fault && (
        <p role="alert" className={styles.fault}>
          {wish.fault}
        </p>
      )}
      <div className={styles.row}>
        <Button look="primary" type="submit" aria-busy={wish.isAsking}>
          {t('Sign in')}
        </Button>
        {canHavePasskeys() && (
          <Button aria-busy={wish.isAsking} onClick={() => void signIn(byPasskey)}>
            {t('Use a passkey')}
          </Button>
        )}
        <Button onClick={onBack}>{back}</Button>
      </div>
      <p className={styles.words}>{t('Forgot your password? Ask whoever runs this server for a link to choose a new one.')}</p>
    </form>
  )
}
