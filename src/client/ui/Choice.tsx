import { useId } from 'react'
import styles from './Choice.module.css'

type ChoiceProps<T extends string> = { label: string; value: T; options: { value: T; label: string }[]; onChange: (value: T) => void }

/** One of a few, all in sight: native radio buttons drawn as one bar. */
export function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  const name = useId()
  return (
    <fieldset className={styles.choice}>
      <legend>{label}</legend>
      <div className={styles.bar}>
        {options.map((option) => (
          <label key={option.value}>
            <input type="radio" name={name} value={option.value} checked={option.value === value} onChange={() => onChange(option.value)} />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  )
}
