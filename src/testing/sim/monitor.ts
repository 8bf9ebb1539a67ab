import type { OutboxRow } from '#client/live/facts.ts'
import type { ConversationId } from '#protocol/ids.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { userOf, type Tab } from './browsers.ts'
import type { Deeds } from './deeds.ts'
import type { Records, Written } from './record.ts'
import type { World } from './world.ts'

/** The states of an own message, as far as it has come. */
const PROGRESS: Record<OutboxRow['state']['name'] | 'in the log', number> = {
  saving: 0,
  refused: 0,
  queued: 1,
  sending: 2,
  stored: 3,
  'in the log': 4,
}

const NOTHING: readonly ChatMessage[] = []
const NO_ROWS: readonly OutboxRow[] = []

/** What must hold at any moment, as people see it. */
export function openMonitor(world: World, record: Records, deeds: Deeds) {
  const { journal } = world
  const progress = new Map<string, number>()
  const marks = new Map<string, { delivered: number; read: number }>()
  const looked = new Map<string, { timeline: readonly ChatMessage[]; rows: readonly OutboxRow[]; here: ReadonlySet<string> }>()
  /** Own messages that were not to be seen where they were written, and which places were loaded there then. */
  const unseen: { message: Written; isLoaded: (seq: number) => boolean }[] = []

  function look(tab: Tab, isRemovedSometimes: (conv: ConversationId) => boolean): void {
    const { messages, outbox, conversations } = tab.state()
    for (const conv of world.conversations) {
      const timeline = messages.byConv[conv]?.messages ?? NOTHING
      const rows = outbox.byConv[conv] ?? NO_ROWS
      const { name, state } = { name: tab.name, state: conversations.byId[conv] }
      const before = looked.get(`${name} ${conv}`)
      // Lists are replaced when something changes in them: the same ones need no second look.
      const here = before?.timeline === timeline && before.rows === rows ? before.here : lookAt(tab, conv, timeline, rows)
      looked.set(`${name} ${conv}`, { timeline, rows, here })
      if (state) forward(`${name} ${conv}`, state.facts)

      if (isRemovedSometimes(conv) || conversations.left[conv]) continue
      for (const message of record.writtenIn(tab)) {
        if (message.conv !== conv || !record.isOfThisPast(message) || message.discarded !== 'no' || here.has(`${userOf(tab)} ${message.clientId}`))
          continue
        // Another tab has shown it to the restored server; in this one, which can't ask, its place there is one of the lost past.
        if (record.isPastChanged() && message.acked && tab.state().connection.line.name !== 'live') continue
        unseen.push({ message, isLoaded: loadedIn(timeline) })
      }
    }
  }

  /** Returns what is shown there. */
  function lookAt(tab: Tab, conv: ConversationId, timeline: readonly ChatMessage[], rows: readonly OutboxRow[]): ReadonlySet<string> {
    const { name } = tab
    for (let i = 1; i < timeline.length; i++) {
      if (timeline[i]!.seq <= timeline[i - 1]!.seq) journal.violate('I4', `${name} shows ${timeline[i]!.seq} below ${timeline[i - 1]!.seq}`)
    }
    const from = Math.max(tab.state().conversations.byId[conv]?.facts.visibleFrom ?? 0, deeds.purgedTo(conv))
    // Where a past was replaced, what was shown in another place is gone before what stands there now comes.
    const reachable = timeline.filter(({ seq }) => seq > from)
    const hole = record.isPastChanged() ? undefined : record.stretches.hole(tab, conv, reachable, from + 1)
    if (hole) journal.violate('I10', `${name} shows nothing right above ${hole.seq} of ${conv}`)
    const me = userOf(tab)
    const listed = rows.filter(({ again }) => !again)
    const shown = [...timeline.map(({ sender, clientId }) => `${sender} ${clientId}`), ...listed.map(({ clientId }) => `${me} ${clientId}`)]
    const here = new Set(shown)
    if (here.size < shown.length) journal.violate('I2', `${name} shows a message twice`)
    if (new Set(timeline.map(({ id }) => id)).size < timeline.length) journal.violate('I2', `${name} shows a server id twice`)

    for (const row of listed) step(tab, row.clientId, row.state.name)
    for (const message of timeline) if (message.sender === me) step(tab, message.clientId, 'in the log')
    return here
  }

  function step(tab: Tab, clientId: string, name: keyof typeof PROGRESS): void {
    const message = record.written.get(clientId as never)
    const key = `${tab.name} ${clientId}`
    const before = progress.get(key) ?? 0
    const now = PROGRESS[name]
    // It is offered again, which the other pages read a little later.
    const isOfferedAgain = name !== 'refused' && record.hasJustOffered(userOf(tab), world.clock.now())
    const isAllowed =
      !message ||
      !record.isOfThisPast(message) ||
      isOfferedAgain ||
      // What this tab called sent is never called "not sent".
      (name === 'refused'
        ? before < PROGRESS.stored && !message.ackedIn.has(tab)
        : now >= before || (name === 'queued' && before < PROGRESS.stored && message.wasRefused))
    if (!isAllowed) journal.violate('I7', `${clientId} went back to ${name} in ${tab.name}`)
    progress.set(key, name === 'refused' ? 0 : now)
  }

  function forward(key: string, { delivered, read }: { delivered: number; read: number }): void {
    const before = marks.get(key)
    if (before && !record.isPastChanged() && (delivered < before.delivered || read < before.read)) journal.violate('I12', `marks of ${key} went back`)
    marks.set(key, { delivered, read })
  }

  return {
    look: (isRemovedSometimes: (conv: ConversationId) => boolean) => {
      for (const { tab } of deeds.tabs()) if (tab.pulse.isAwake()) look(tab, isRemovedSometimes)
    },
    unseen: unseen as readonly { message: Written; isLoaded: (seq: number) => boolean }[],
  }
}
/** Not above the first message, and not behind a marker of what is not loaded. */
function loadedIn(timeline: readonly ChatMessage[]): (seq: number) => boolean {
  const [first, last] = [timeline[0]?.seq ?? Infinity, timeline.at(-1)?.seq ?? 0]
  const seqs = new Set(timeline.map((message) => message.seq))
  return (seq) => seq > last || (seq >= first && (seqs.has(seq) || (seqs.has(seq - 1) && seqs.has(seq + 1))))
}

export type Monitor = ReturnType<typeof openMonitor>
