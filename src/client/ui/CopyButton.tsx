import { useEffect, useState } from 'react'
import { t } from '#client/words/t.ts'
import { announcer } from './announcer.ts'
import { Button, type ButtonProps } from './Button.tsx'
import { copyText } from './copyText.ts'

const SAYS_SO_MS = 2_000

/** A button named `label` that copies, and says so with a mark behind its name. */
export function CopyButton({ text, label = t('Copy'), ...rest }: ButtonProps & { text: string; label?: string }) {
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null)
  useEffect(() => {
    if (outcome === null) return
    const timer = setTimeout(() => setOutcome(null), SAYS_SO_MS)
    return () => clearTimeout(timer)
  }, [outcome])
  return (
    <Button
      {...rest}
      onClick={() =>
        void copyText(text).then((copied) => {
          setOutcome(copied ? 'copied' : 'failed')
          announcer.say(copied ? t('Copied') : t('Could not copy'))
        })
      }
    >
      {label}
      {outcome && <span aria-hidden="true">{outcome === 'copied' ? '✓' : '✗'}</span>}
    </Button>
  )
}
