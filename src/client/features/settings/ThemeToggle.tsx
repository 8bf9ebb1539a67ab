import { IconButton } from '#client/ui/Button.tsx'
import * as laterDrawings from '#client/ui/laterDrawings.tsx'
import { t } from '#client/words/t.ts'
import { useAppearance } from './useAppearance.ts'

/** Light or dark with one press; "as the system" is in the settings. */
export function ThemeToggle() {
  const [{ theme }, change] = useAppearance()
  const dark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  return (
    <IconButton
      icon={dark ? laterDrawings.sun : laterDrawings.moon}
      label={dark ? t('Use the light theme') : t('Use the dark theme')}
      onClick={() => change({ theme: dark ? 'light' : 'dark' })}
    />
  )
}
