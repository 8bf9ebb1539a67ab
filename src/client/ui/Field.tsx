import { useId, type ComponentPropsWithRef } from 'react'
import styles from './Field.module.css'

type FieldProps = ComponentPropsWithRef<'input'> & {
  label: string
  hint?: string
  /** What is wrong, and what to do about it; stands in the place of the hint. */ fault?: string | undefined
}

/** One line of text with its label, hint and fault. */
export function Field({ label, hint, fault, ...input }: FieldProps) {
  const id = useId()
  const described = fault ? `${id}-fault` : hint ? `${id}-hint` : undefined
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <input {...input} id={id} data-autofocus={input.autoFocus} aria-invalid={fault ? true : undefined} aria-describedby={described} />
      {hint && !fault && (
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
