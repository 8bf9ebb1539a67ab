import type { ComponentPropsWithRef } from 'react'
import styles from './Button.module.css'
import { cx } from './cx.ts'
import { Icon, type Drawing } from './Icon.tsx'

type Look = 'primary' | 'plain' | 'quiet' | 'danger' | 'text'

export type ButtonProps = ComponentPropsWithRef<'button'> & {
  look?: Look
  /**
   * Why this can't be done just now. The button stays focusable and says so (`aria-disabled`), because a disabled button
   * drops the focus to the body and explains nothing.
   */
  unavailable?: string | undefined
}

export function Button({ look = 'plain', unavailable, className, onClick, type = 'button', title, ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      className={cx(styles.button, styles[look], className)}
      aria-disabled={unavailable === undefined ? undefined : true}
      title={unavailable ?? title}
      onClick={(event) => {
        if (unavailable === undefined) onClick?.(event)
        else event.preventDefault()
      }}
    />
  )
}

/** A button whose words are only heard (and shown on hover). */
export function IconButton({ icon, label, className, ...rest }: Omit<ButtonProps, 'children'> & { icon: Drawing; label: string }) {
  return (
    <Button look="quiet" {...rest} aria-label={label} title={label} className={cx(styles.icon, className)}>
      <Icon drawing={icon} size={18} />
    </Button>
  )
}
