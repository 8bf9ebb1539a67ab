/** How the app looks on this device. */
export type Theme = 'system' | 'light' | 'dark'
export type Density = 'comfortable' | 'compact'
export type Appearance = { theme: Theme; density: Density }

export const APPEARANCE_KEY = 'tidemark:appearance'
const DEFAULT_APPEARANCE: Appearance = { theme: 'system', density: 'comfortable' }

/** What was stored, read with distrust: anything unknown is the default. */
export function appearanceFrom(stored: string | null): Appearance {
  try {
    const { theme, density } = JSON.parse(stored ?? '{}') as Partial<Record<keyof Appearance, unknown>>
    return {
      theme: theme === 'light' || theme === 'dark' ? theme : 'system',
      density: density === 'compact' ? 'compact' : 'comfortable',
    }
  } catch {
    return DEFAULT_APPEARANCE
  }
}

/** Puts it on `<html>`, where the tokens look for it. */
export function wear({ theme, density }: Appearance): void {
  const { dataset } = document.documentElement
  if (theme === 'system') delete dataset['theme']
  else dataset['theme'] = theme
  if (density === 'compact') dataset['density'] = density
  else delete dataset['density']
}
