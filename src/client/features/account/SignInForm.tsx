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
import { refusal } from '#protocol/reply.ts'
import { DeviceList } from './DeviceList.tsx'
import styles from './forms.module.css'

type SignInFormProps = { enter: Client['enter']; onEntered: () => void; onBack: () => void; /** what leads back */ back?: string }

/** Name and password; where the person is signed in on as many devices as may be, which of them makes room. */
export function SignInForm({ enter, onEntered, onBack, back = 'Back' }: SignInFormProps) {
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [full, setFull] = useState<Device[] | null>(null)
  const wish = useWish()

  const signIn = async (signOut?: DeviceId) => {
    const isPossible = LoginName.safeParse(login).success && Password.safeParse(password).success
    const granted = await wish.ask(async (): Promise<Entered> => {
      if (!isPossible) return refusal('E_CREDENTIALS')
      const entered = await enter('login', { login, password, ...(signOut !== undefined && { signOut }) })
      const limit = entered.ok ? undefined : DeviceLimitAnswer.safeParse(entered.answer)
      setFull(limit?.success === true ? limit.data.devices : null)
      return entered
    })
    if (granted) onEntered()
  }

  if (full)
    return (
      <div className={styles.form}>
        <p>{refusalWords({ code: 'E_DEVICE_LIMIT' })}</p>
        <DeviceList devices={full} action="Sign out and continue here" onSignOut={(device) => void signIn(device)} />
        <div className={styles.row}>
          <Button onClick={() => setFull(null)}>{back}</Button>
        </div>
      </div>
    )
  return (
    <form
      className={styles.form}
      aria-label="Sign in"
      onSubmit={(event) => {
        event.preventDefault()
        void signIn()
      }}
    >
      <Field
        label="Sign-in name"
        value={login}
        autoComplete="username"
        autoCapitalize="off"
        spellCheck={false}
        autoFocus
        required
        onChange={(event) => setLogin(event.target.value)}
      />
      <PasswordField
        label="Password"
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
          Sign in
        </Button>
        <Button onClick={onBack}>{back}</Button>
      </div>
      <p className={styles.words}>Forgot your password? Ask whoever runs this server for a link to choose a new one.</p>
    </form>
  )
}
