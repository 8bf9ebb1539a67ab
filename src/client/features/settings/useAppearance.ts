import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { deviceSetting } from '#client/ui/deviceSetting.ts'
import { APPEARANCE_KEY, appearanceFrom, type Appearance } from './appearance.ts'

const setting = deviceSetting(APPEARANCE_KEY)

/** Theme and density of this device, shared by all its tabs. */
export function useAppearance(): [Appearance, (change: Partial<Appearance>) => void] {
  const stored = useSyncExternalStore(setting.subscribe, setting.read)
  const appearance = useMemo(() => appearanceFrom(stored), [stored])
  return [appearance, (change) => setting.write(JSON.stringify({ ...appearance, ...change }))]
}

/** Puts the choice on `<html>`, where the tokens look for it. Used once, at the root. */
export function useAppearanceOnPage(): void {
  const [{ theme, density }] = useAppearance()
  useEffect(() => {
    const { dataset } = document.documentElement
    if (theme === 'system') delete dataset['theme']
    else dataset['theme'] = theme
    if (density === 'compact') dataset['density'] = density
    else delete dataset['density']
  }, [theme, density])
}
