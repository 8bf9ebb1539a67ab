import { useSyncExternalStore } from 'react'
import { deviceSetting } from '#client/ui/deviceSetting.ts'
import { canNotify } from '#client/ui/notifier.ts'

/** For whoever sits there. */
const setting = deviceSetting('tidemark:notify')

/** `denied`: only the browser's own settings can change that. */
export type NotificationChoice = 'on' | 'off' | 'denied' | 'impossible'

function choiceNow(): NotificationChoice {
  if (!canNotify()) return 'impossible'
  if (Notification.permission === 'denied') return 'denied'
  return Notification.permission === 'granted' && setting.read() === 'on' ? 'on' : 'off'
}

function subscribe(changed: () => void): () => void {
  const stop = setting.subscribe(changed)
  // who comes back from the browser's settings
  window.addEventListener('focus', changed)
  return () => {
    stop()
    window.removeEventListener('focus', changed)
  }
}

/** Asks the browser for leave where that is still to be asked: to be called by a click. */
async function choose(choice: 'on' | 'off'): Promise<void> {
  if (choice === 'on' && Notification.permission === 'default') await Notification.requestPermission()
  setting.write(choice)
}

/** Whether this device shows notifications, and how to change that. */
export const useNotificationChoice = (): [NotificationChoice, (choice: 'on' | 'off') => Promise<void>] => [
  useSyncExternalStore(subscribe, choiceNow),
  choose,
]
