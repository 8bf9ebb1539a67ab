/** How the app looks on this device. */
export type Theme = 'system' | 'light' | 'dark'
export type Density = 'comfortable' | 'compact'
export type Appearance = { theme: Theme; density: Density }

export const APPEARANCE_KEY = 'tidemark:appearance'
export const DEFAULT_APPEARANCE: Appearance = { theme: 'system', density: 'comfortable' }

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
