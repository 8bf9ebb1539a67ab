import { useMemo, useSyncExternalStore } from 'react'
import { APPEARANCE_KEY, appearanceFrom, type Appearance } from '#client/ui/appearance.ts'
import { deviceSetting } from '#client/ui/deviceSetting.ts'

const setting = deviceSetting(APPEARANCE_KEY)

/** Theme and density of this device, shared by all its tabs. */
export function useAppearance(): [Appearance, (change: Partial<Appearance>) => void] {
  const stored = useSyncExternalStore(setting.subscribe, setting.read)
  const appearance = useMemo(() => appearanceFrom(stored), [stored])
  return [appearance, (change) => setting.write(JSON.stringify({ ...appearance, ...change }))]
}
