import { stored } from './stored.ts'

export type DeviceSetting = { read: () => string | null; write: (text: string) => void; subscribe: (changed: () => void) => () => void }

/** A text that is kept for this device, shared by all its tabs; where nothing can be stored it holds for this page. */
export function deviceSetting(key: string): DeviceSetting {
  const listeners = new Set<() => void>()
  let unstored: string | null = null
  return {
    read: () => stored(key) ?? unstored,
    write: (text) => {
      try {
        localStorage.setItem(key, text)
      } catch {
        unstored = text
      }
      for (const listener of listeners) listener()
    },
    subscribe: (changed) => {
      listeners.add(changed)
      window.addEventListener('storage', changed)
      return () => {
        listeners.delete(changed)
        window.removeEventListener('storage', changed)
      }
    },
  }
}
