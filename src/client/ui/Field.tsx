import { useId, type ComponentPropsWithRef } from 'react'
import styles from './Field.module.css'

type FieldProps = ComponentPropsWithRef<'input'> & {
  label: string
  hint?: string
  /** What is wrong, and what to do about it. */ fault?: string | undefined
}

/** One line of text with its label, hint and fault. */
export function Field({ label, hint, fault, ...input }: FieldProps) {
  const id = useId()
  const described = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(' ')
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input {...input} id={id} aria-invalid={fault ? true : undefined} aria-describedby={described || undefined} />
      {hint && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
      {fault && (
        <p id={`${id}-fault`} className={styles.fault} role="alert">
          {fault}
        </p>
      )}
    </div>
  )
}
