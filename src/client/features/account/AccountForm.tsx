import { useState } from 'react'
import { Button } from '#client/ui/Button.tsx'
import { Field } from '#client/ui/Field.tsx'
import { nameFault } from '#client/ui/nameFault.ts'
import { PasswordField } from '#client/ui/PasswordField.tsx'
import { useWish } from '#client/ui/useWish.ts'
import { t } from '#client/words/t.ts'
import { NAME_MAX_GRAPHEMES } from '#protocol/limits.ts'
import type { Refusal } from '#protocol/reply.ts'
import styles from './forms.module.css'
import { loginFault, loginHint, passwordFault, passwordHint } from './loginRules.ts'

export type NewAccount = { login: string; password: string; name?: string }

type AccountFormProps = {
  /** "Create account", "Keep account" */ action: string
  /** Somebody who has a name already is not asked for one. */ asksName: boolean
  make: (account: NewAccount) => Promise<{ ok: true } | Refusal>
  onMade: () => void
  onBack?: () => void
}

/** What somebody will sign in with from now on. */
export function AccountForm({ action, asksName, make, onMade, onBack }: AccountFormProps) {
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [name, setName] = useState('')
  const [isTried, setTried] = useState(false)
  const wish = useWish()
  const faults = { login: loginFault(login), password: passwordFault(password), name: name.trim() === '' ? undefined : nameFault(name) }

  const submit = async () => {
    setTried(true)
    if (faults.login || faults.password || faults.name) return
    if (await wish.ask(() => make({ login, password, ...(name.trim() !== '' && { name: name.trim() }) }))) onMade()
  }
  const change = (take: (text: string) => void) => (event: { target: { value: string } }) => {
    take(event.target.value)
    wish.forget()
  }
  return (
    <form
      className={styles.form}
      aria-label={action}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        void submit()
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
        hint={loginHint()}
        fault={isTried ? faults.login : undefined}
        onChange={change(setLogin)}
      />
      <PasswordField
        label={t('Password')}
        value={password}
        autoComplete="new-password"
        required
        hint={passwordHint()}
        fault={isTried ? faults.password : undefined}
        onChange={change(setPassword)}
      />
      {asksName && (
        <Field
          label={t('Name others see')}
          value={name}
          maxLength={NAME_MAX_GRAPHEMES}
          autoComplete="nickname"
          hint={t('Without one you are called as you sign in. You can change it later.')}
          fault={isTried ? faults.name : undefined}
          onChange={change(setName)}
        />
      )}
      {wish.fault && (
        <p role="alert" className={styles.fault}>
          {wish.fault}
        </p>
      )}
      <div className={styles.row}>
        <Button look="primary" type="submit" aria-busy={wish.isAsking}>
          {action}
        </Button>
        {onBack && <Button onClick={onBack}>{t('Back')}</Button>}
      </div>
    </form>
  )
}
