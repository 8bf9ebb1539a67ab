import type { Action } from '@reduxjs/toolkit'
import { conversationLeft, conversationReset, historyArrived, messagesArrived, pastReplaced } from '#client/live/facts.ts'
import type { ConversationId } from '#protocol/ids.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { Tab } from './browsers.ts'
import type { Truth } from './truth.ts'

/** A list as long as this may have been cut at its top. */
const MAY_BE_CUT = 60

/** Where the stretches of messages begin that a tab was given: right above such a place something may not be loaded, and nowhere else. */
export function openStretches() {
  const begins = new Map<string, Set<number>>()
  const keyOf = (tab: Tab, conv: ConversationId) => `${tab.name} ${conv}`

  function add(key: string, seq: number | undefined): void {
    if (seq !== undefined) begins.set(key, (begins.get(key) ?? new Set()).add(seq))
  }

  /** The message that stands below one that is missing, though nothing says that something is to be loaded there. */
  function hole(tab: Tab, conv: ConversationId, shown: readonly ChatMessage[], first: number): ChatMessage | undefined {
    return shown.find(({ seq }, at) => {
      const isNext = at === 0 ? seq <= first || shown.length >= MAY_BE_CUT : seq <= shown[at - 1]!.seq + 1
      return !isNext && !begins.get(keyOf(tab, conv))?.has(seq)
    })
  }

  return {
    heard: (tab: Tab, fact: Action): void => {
      if (conversationReset.match(fact)) {
        const { conv, messages, through } = fact.payload
        add(keyOf(tab, conv), messages[0]?.seq ?? through.seq + 1)
      } else if (historyArrived.match(fact)) add(keyOf(tab, fact.payload.conv), fact.payload.messages[0]?.seq)
      else if (messagesArrived.match(fact)) {
        const key = keyOf(tab, fact.payload.conv)
        // What arrives where nothing is shown yet begins a list.
        if (!begins.has(key)) add(key, fact.payload.events.find((event) => event.kind === 'new')?.message.seq)
      } else if (pastReplaced.match(fact) || conversationLeft.match(fact)) begins.delete(keyOf(tab, fact.payload.conv))
    },
    hole,
  }
}
export type Stretches = ReturnType<typeof openStretches>

/** The place below the newest stretch that is still to be loaded, as the screen would ask for it. */
export function unloadedBelow(tab: Tab, conv: ConversationId): number | undefined {
  const shown = tab.state().messages.byConv[conv]?.messages ?? []
  return shown.findLast(({ seq }, at) => at > 0 && seq > shown[at - 1]!.seq + 1)?.seq
}

/** I10, as far as one tab and one conversation go: undefined when what is shown is what is true. */
export function viewFault(tab: Tab, { conv, messages, floorSeq, seq }: Truth, stretches: Stretches): string | undefined {
  const shown = (tab.state().messages.byConv[conv]?.messages ?? []).filter((message) => message.seq > floorSeq)
  const from = Math.max(tab.state().conversations.byId[conv]?.facts.visibleFrom ?? 0, floorSeq)
  if (seq > from && shown.at(-1)?.seq !== seq) return `${tab.name} ends at ${shown.at(-1)?.seq ?? 0} of ${seq} in ${conv}`
  const hole = stretches.hole(tab, conv, shown, from + 1)
  if (hole) return `${tab.name} shows nothing right above ${hole.seq} of ${conv}`
  for (const [at, message] of shown.entries()) {
    if (at > 0 && message.seq > shown[at - 1]!.seq + 1) return `${tab.name} has not loaded what is above ${message.seq} of ${conv}`
    const stored = messages[message.seq - messages[0]!.seq]
    if (!stored || stored.id !== message.id) return `${tab.name} shows another message ${message.seq} in ${conv}`
    if (stored.body !== message.body || stored.deletedAt !== message.deletedAt)
      return `${tab.name} shows message ${message.seq} of ${conv} as it was once`
    if (JSON.stringify(reactionsOf(stored)) !== JSON.stringify(reactionsOf(message)))
      return `${tab.name} shows other reactions to ${message.seq} of ${conv}`
  }
  return undefined
}

const reactionsOf = ({ reactions = {} }: ChatMessage) =>
  Object.entries(reactions)
    .map(([emoji, users]) => `${emoji} ${users.toSorted().join()}`)
    .toSorted()
