import { useState, type ComponentProps } from 'react'
import { t } from '#client/words/t.ts'
import { Field } from './Field.tsx'
import styles from './PasswordField.module.css'

/** A password, hidden unless its writer wants to see it: so that a long one can be typed without a slip. */
export function PasswordField(props: Omit<ComponentProps<typeof Field>, 'type'>) {
  const [isShown, setShown] = useState(false)
  return (
    <div className={styles.password}>
      <Field {...props} type={isShown ? 'text' : 'password'} autoCapitalize="off" autoCorrect="off" spellCheck={false} />
      <label className={styles.show}>
        <input type="checkbox" checked={isShown} onChange={(event) => setShown(event.target.checked)} />
        {t('Show password')}
      </label>
    </div>
  )
}
