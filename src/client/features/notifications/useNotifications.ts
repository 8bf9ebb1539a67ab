import { useEffect } from 'react'
import type { Intents } from '#client/live/client.ts'
import { messagesArrived, nobodySignedIn, signedOut } from '#client/live/facts.ts'
import { useAppSelector, useAppStore } from '#client/store/hooks.ts'
import { selectConversation } from '#client/store/selectors/conversations.ts'
import { selectMyId } from '#client/store/selectors/session.ts'
import {
  canNotify,
  giveWay,
  notify,
  reword,
  showLooking,
  takeAllBack,
  takeBack,
  takeOthersBack,
  type ConversationWanted,
} from '#client/ui/notifier.ts'
import { language } from '#client/ui/language.ts'
import { bodyOf, wordsOf } from '#client/ui/notificationWords.ts'
import { keepWords } from '#client/words/keptWords.ts'
import type { ConversationId } from '#protocol/ids.ts'
import { deletedIn, newsIn, overBy, whatCame, type News } from './news.ts'
import { useNotificationChoice } from './useNotificationChoice.ts'
import { usePushes } from './usePushes.ts'

const placeOf = ({ newest: { conv, id, seq, at }, count }: News) => ({ conv, id, seq, at, count })

type NotificationsProps = { api: Parameters<typeof usePushes>[0]['api']; intents: Intents; open: (conv: ConversationId) => void }

/** Shows what comes while nobody looks, takes back what was read, and opens what is clicked. */
export function useNotifications({ api, intents, open }: NotificationsProps): void {
  const store = useAppStore()
  const me = useAppSelector(selectMyId)
  const [choice] = useNotificationChoice()
  const isOn = choice === 'on'
  usePushes({ isOn, api, intents })
  // also where this is off: other pages of this browser may be older
  useEffect(() => (canNotify() ? showLooking() : undefined), [])
  useEffect(() => {
    // full: what is pushed is told of in English
    if (canNotify()) keepWords(language()).catch(() => {})
  }, [])
  // what stands there is for nobody else's eyes, and for nobody's who wants none
  useEffect(() => void (isOn ? me !== null && takeOthersBack(me) : takeAllBack()), [isOn, me])
  useEffect(
    () =>
      intents.subscribe((action) => {
        if (signedOut.match(action) || nobodySignedIn.match(action)) void takeAllBack()
      }),
    [intents],
  )
  useEffect(() => {
    if (!isOn) return
    return intents.subscribe((action) => {
      const state = store.getState()
      const me = selectMyId(state)
      if (me === null) return
      const came = whatCame(action)
      if (came) {
        const view = selectConversation(state, came.conv)
        const news = view && !view.muted && newsIn(came, { me, read: view.facts.read, unread: view.unread })
        if (news) {
          void notify(me, { ...placeOf(news), ...wordsOf(news, view) })
        }
      }
      if (messagesArrived.match(action)) {
        for (const event of action.payload.events)
          if (event.kind === 'edit')
            void reword(me, { conv: event.conv, id: event.messageId, bodyFor: (count) => bodyOf({ body: event.body }, count) })
        const gone = deletedIn(action)
        if (gone.size > 0) {
          const { conv } = action.payload
          const view = selectConversation(state, conv)
          const messages = state.messages.byConv[conv]?.messages ?? []
          const left = view && newsIn({ messages, isPage: false }, { me, read: view.facts.read, unread: 0 })
          void giveWay(me, { conv, gone, next: left && { ...placeOf(left), ...wordsOf(left, view) } })
        }
      }
      const isOver = overBy(action, me)
      if (isOver) void takeBack(me, isOver)
    })
  }, [isOn, intents, store])
  useEffect(() => {
    if (!canNotify()) return
    const { serviceWorker } = navigator
    const hear = ({ data }: MessageEvent<Partial<ConversationWanted>>) => {
      if (data.open !== undefined) open(data.open)
    }
    serviceWorker.addEventListener('message', hear)
    return () => serviceWorker.removeEventListener('message', hear)
  }, [open])
}
