import { useSyncExternalStore } from 'react'
import { canNotify } from '#client/ui/notifier.ts'

/** Of this device, for whoever sits there. */
const KEY = 'tidemark:notify'

/** `denied`: only the browser's own settings can change that. */
export type NotificationChoice = 'on' | 'off' | 'denied' | 'impossible'

const listeners = new Set<() => void>()
/** Holds where nothing can be stored. */
let unstored: string | null = null

function chosen(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return unstored
  }
}

function choiceNow(): NotificationChoice {
  if (!canNotify()) return 'impossible'
  if (Notification.permission === 'denied') return 'denied'
  return Notification.permission === 'granted' && chosen() === 'on' ? 'on' : 'off'
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('storage', listener)
  // who comes back from the browser's settings
  window.addEventListener('focus', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', listener)
    window.removeEventListener('focus', listener)
  }
}

/** Asks the browser for leave where that is still to be asked: to be called by a click. */
async function choose(choice: 'on' | 'off'): Promise<void> {
  if (choice === 'on' && Notification.permission === 'default') await Notification.requestPermission()
  try {
    localStorage.setItem(KEY, choice)
  } catch {
    unstored = choice
  }
  for (const listener of listeners) listener()
}

/** Whether this device shows notifications, and how to change that. */
export const useNotificationChoice = (): [NotificationChoice, (choice: 'on' | 'off') => Promise<void>] => [
  useSyncExternalStore(subscribe, choiceNow),
  choose,
]
