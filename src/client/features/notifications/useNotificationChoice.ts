import { useSyncExternalStore } from 'react'
import { useAppSelector } from '#client/store/hooks.ts'
import { selectMyId } from '#client/store/selectors/session.ts'
import { deviceSetting } from '#client/ui/deviceSetting.ts'
import { canNotify } from '#client/ui/notifier.ts'
import type { UserId } from '#protocol/ids.ts'

/** `denied`: only the browser's own settings can change that. */
export type NotificationChoice = 'on' | 'off' | 'denied' | 'impossible'

type ChoiceOf = { now: () => NotificationChoice; subscribe: (changed: () => void) => () => void; choose: (choice: 'on' | 'off') => Promise<void> }

const choices = new Map<UserId | null, ChoiceOf>()

/** Of this person on this device: who sits there next has not chosen anything. It goes with all else they had here (`live/sweeping.ts`). */
function choiceOf(me: UserId | null): ChoiceOf {
  const setting = deviceSetting(`tidemark:notify:${me}`)
  return {
    now: () => {
      if (!canNotify()) return 'impossible'
      if (Notification.permission === 'denied') return 'denied'
      return me !== null && Notification.permission === 'granted' && setting.read() === 'on' ? 'on' : 'off'
    },
    subscribe: (changed) => {
      const stop = setting.subscribe(changed)
      // who comes back from the browser's settings
      window.addEventListener('focus', changed)
      return () => {
        stop()
        window.removeEventListener('focus', changed)
      }
    },
    /** Asks the browser for leave where that is still to be asked: to be called by a click. */
    choose: async (choice) => {
      if (choice === 'on' && Notification.permission === 'default') await Notification.requestPermission()
      setting.write(choice)
    },
  }
}

/** Whether this device shows notifications, and how to change that. */
export function useNotificationChoice(): [NotificationChoice, (choice: 'on' | 'off') => Promise<void>] {
  const me = useAppSelector(selectMyId)
  const of = choices.get(me) ?? choiceOf(me)
  choices.set(me, of)
  return [useSyncExternalStore(of.subscribe, of.now), of.choose]
}
