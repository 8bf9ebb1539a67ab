import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { APPEARANCE_KEY, appearanceFrom, type Appearance } from './appearance.ts'

const listeners = new Set<() => void>()
/** Holds when storage is blocked; otherwise storage speaks, so that all tabs agree. */
let unstored: string | null = null

function read(): string | null {
  try {
    return localStorage.getItem(APPEARANCE_KEY)
  } catch {
    return unstored
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', listener)
  }
}

function write(appearance: Appearance): void {
  const text = JSON.stringify(appearance)
  try {
    localStorage.setItem(APPEARANCE_KEY, text)
  } catch {
    unstored = text
  }
  for (const listener of listeners) listener()
}

/** Theme and density of this device, shared by all its tabs. */
export function useAppearance(): [Appearance, (change: Partial<Appearance>) => void] {
  const stored = useSyncExternalStore(subscribe, read)
  const appearance = useMemo(() => appearanceFrom(stored), [stored])
  return [appearance, (change) => write({ ...appearance, ...change })]
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
