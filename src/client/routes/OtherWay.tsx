import { AccountForm } from '#client/features/account/AccountForm.tsx'
import { SignInForm } from '#client/features/account/SignInForm.tsx'
import { t } from '#client/words/t.ts'
import { useClient } from './clientContext.ts'
import { ResetForm } from './ResetForm.tsx'

export type OtherWayName = 'login' | 'register' | 'reset'

/** Coming in with more than a click. */
export function OtherWay({ way, onEntered, onBack }: { way: OtherWayName; onEntered: () => void; onBack: () => void }) {
  const { enter } = useClient()
  switch (way) {
    case 'login':
      return <SignInForm enter={enter} onEntered={onEntered} onBack={onBack} />
    case 'register':
      return <AccountForm action={t('Create account')} asksName make={(account) => enter('register', account)} onMade={onEntered} onBack={onBack} />
    case 'reset':
      return <ResetForm />
  }
}
