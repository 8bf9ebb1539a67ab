import { useEffect } from 'react'
import { historyArrived, messageSaved, messagesArrived, roomsSynced, sendRefused, signedOut } from '#client/live/facts.ts'
import { useAppStore } from '#client/store/hooks.ts'
import { selectIsLive } from '#client/store/selectors/connection.ts'
import { selectOpenConversation } from '#client/store/selectors/conversations.ts'
import { selectMyId } from '#client/store/selectors/session.ts'
import { announcer } from '#client/ui/announcer.ts'
import { spokenMessage } from '#client/ui/textTokens.ts'
import { plural, t } from '#client/words/t.ts'
import { sentenceFor } from '#protocol/sentences.ts'
import { useIntents } from './clientContext.ts'

/**
 * What somebody who listens is told: what is new in time, never what appears because of scrolling, catching up or changing the
 * conversation; nothing about own messages but the first one that has to wait, and each that failed.
 */
export function useSpokenFacts(): void {
  const store = useAppStore()
  const intents = useIntents()
  useEffect(() => {
    let toldOfQueue = false
    return intents.subscribe((action) => {
      const state = store.getState()
      if (messagesArrived.match(action) && !action.payload.caughtUp) {
        const { conv, events } = action.payload
        const me = selectMyId(state)
        for (const event of events) {
          if (event.kind !== 'new' || event.message.sender === me) continue
          const { senderName } = event.message
          announcer.message(
            conv === selectOpenConversation(state)
              ? `${senderName}: ${spokenMessage(event.message)}`
              : t('Message from {senderName}', { senderName }),
          )
        }
      } else if (sendRefused.match(action)) {
        announcer.alert(t('Message not sent: {why}', { why: t(sentenceFor(action.payload.code)) }))
      } else if (messageSaved.match(action) && !selectIsLive(state) && !toldOfQueue) {
        toldOfQueue = true
        announcer.say(t('Message queued'))
      } else if (roomsSynced.match(action)) {
        toldOfQueue = false
      } else if (signedOut.match(action)) {
        announcer.clear()
      } else if (historyArrived.match(action) && action.payload.conv === selectOpenConversation(state)) {
        const count = action.payload.messages.length
        if (count > 0) announcer.say(plural(count, '1 earlier message loaded', '{n} earlier messages loaded'))
      }
    })
  }, [store, intents])
}
