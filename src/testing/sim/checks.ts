import type { OutboxRow } from '#client/live/facts.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import { linkOf, textOf } from '#protocol/chain.ts'
import { isKnown, type LogEvent, type UnknownEvent } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { historyPage } from '#server/domain/catchUp.ts'
import { chainAfter } from '#server/domain/chain.ts'
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

/** What must hold at any moment, as people see it. */
export function openMonitor(world: World, record: Records, deeds: Deeds) {
  const { journal } = world
  const progress = new Map<string, number>()
  const marks = new Map<string, { delivered: number; read: number }>()
  /** Own messages that were not to be seen where they were written, and which places were loaded there then. */
  const unseen: { message: Written; isLoaded: (seq: number) => boolean }[] = []

  function look(tab: Tab, isRemovedSometimes: (conv: ConversationId) => boolean): void {
    const { messages, outbox, conversations } = tab.state()
    for (const conv of world.conversations) {
      const timeline = messages.byConv[conv]?.messages ?? []
      const rows = outbox.byConv[conv] ?? []
      const { name, state } = { name: tab.name, state: conversations.byId[conv] }
      for (let i = 1; i < timeline.length; i++) {
        if (timeline[i]!.seq <= timeline[i - 1]!.seq) journal.violate('I4', `${name} shows ${timeline[i]!.seq} below ${timeline[i - 1]!.seq}`)
      }
      const shown = [...timeline.map(({ sender, clientId }) => `${sender} ${clientId}`), ...rows.map(({ clientId }) => `${userOf(tab)} ${clientId}`)]
      if (new Set(shown).size < shown.length) journal.violate('I2', `${name} shows a message twice`)
      if (new Set(timeline.map(({ id }) => id)).size < timeline.length) journal.violate('I2', `${name} shows a server id twice`)

      for (const row of rows) step(tab, row.clientId, row.state.name)
      for (const message of timeline) if (message.sender === userOf(tab)) step(tab, message.clientId, 'in the log')
      if (state) forward(`${name} ${conv}`, state.facts)

      if (isRemovedSometimes(conv) || conversations.left[conv]) continue
      const here = new Set(shown)
      for (const message of record.writtenIn(tab)) {
        if (message.conv !== conv || !record.isOfThisPast(message) || message.discarded !== 'no' || here.has(`${userOf(tab)} ${message.clientId}`))
          continue
        unseen.push({ message, isLoaded: loadedIn(timeline) })
      }
    }
  }

  function step(tab: Tab, clientId: string, name: keyof typeof PROGRESS): void {
    const message = record.written.get(clientId as never)
    const key = `${tab.name} ${clientId} ${record.offersOf(userOf(tab))}`
    const before = progress.get(key) ?? 0
    const now = PROGRESS[name]
    const isAllowed =
      now >= before || name === 'refused' || (name === 'queued' && before < 4 && message?.wasRefused) || !message || !record.isOfThisPast(message)
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

export type Truth = {
  conv: ConversationId
  messages: ChatMessage[]
  events: (LogEvent | UnknownEvent)[]
  floorRev: number
  floorSeq: number
  rev: number
  seq: number
  h: string
  members: ReadonlySet<UserId>
}

/** The conversations as the database has them. */
export async function readTruth(world: World): Promise<Map<ConversationId, Truth>> {
  const truth = new Map<ConversationId, Truth>()
  for (const conv of world.conversations) {
    const read = await world.servers.database.read<Truth>(async (tx) => {
      const { rev, seq, h, floorRev } = (await tx.conversation(conv))!
      const messages = await tx.messages(conv, { after: 0, before: Number.MAX_SAFE_INTEGER, limit: 100_000, from: 'start' })
      const events = await tx.events(conv, floorRev, 100_000)
      const floorSeq = (messages[0]?.seq ?? seq + 1) - 1
      return { conv, messages, events, floorRev, floorSeq, rev, seq, h, members: new Set(await tx.memberIds(conv)) }
    })
    truth.set(conv, read)
  }
  return truth
}

/** I3: seq and rev without a hole, and a chain that proves it. */
export async function checkLog(world: World, { conv, messages, events, floorRev, rev, seq, h }: Truth): Promise<void> {
  const { journal, servers } = world
  const bodyHashes = await servers.database.read<Map<string, string>>(async (tx) => {
    const hashes = new Map<string, string>()
    for (const { id, sender, clientId } of messages) hashes.set(id, (await tx.messageByClientId(sender, clientId))!.bodyHash)
    return hashes
  })
  messages.forEach((message, at) => {
    if (message.seq !== messages[0]!.seq + at) journal.violate('I3', `${conv} has no message ${messages[0]!.seq + at}`)
  })
  if (messages.length > 0 && messages.at(-1)!.seq !== seq) journal.violate('I3', `${conv} counts to ${seq} and ends at ${messages.at(-1)!.seq}`)
  if (new Set(messages.map(({ sender, clientId }) => sender + clientId)).size < messages.length)
    journal.violate('I2', `${conv} holds a message twice`)
  let previous = floorRev === 0 ? '0000000000000000' : undefined
  events.forEach((event, at) => {
    if (event.rev !== floorRev + 1 + at) journal.violate('I3', `${conv} has no event ${floorRev + 1 + at}`)
    if (previous !== undefined && isKnown(event)) {
      const bodyHash = bodyHashOf(event, bodyHashes, servers.sha256)
      const follows = bodyHash === undefined || chainAfter(servers.sha256, previous, linkOf(event, bodyHash)) === event.h
      if (!follows) journal.violate('I3', `the chain of ${conv} breaks at ${event.rev}`)
    }
    previous = event.h
  })
  if (events.length > 0 && (events.at(-1)!.rev !== rev || events.at(-1)!.h !== h)) journal.violate('I3', `${conv} does not end where its log does`)
}

/** The hash of the text an event's link covers; undefined where the text is not here any more. A message's is that of its first text. */
function bodyHashOf(event: LogEvent, bodyHashes: ReadonlyMap<string, string>, sha256: (text: string) => string): string | undefined {
  if (event.kind === 'new') return bodyHashes.get(event.message.id)
  const text = textOf(event)
  return text === 'none' ? '' : text === 'unknown' ? undefined : sha256(text.text)
}

/** I1, I2, I5, I6, I7, I8: what was written against what is in the log. */
export async function checkMessages(world: World, record: Records, monitor: Monitor, truth: ReadonlyMap<ConversationId, Truth>): Promise<void> {
  const { journal } = world
  const found = new Map<string, ChatMessage>()
  for (const { messages } of truth.values()) for (const message of messages) found.set(`${message.sender} ${message.clientId}`, message)
  const seqOf = new Map<Written, number>()
  const purged = new Set<Written>()
  for (const message of record.written.values()) {
    const what = `${[...message.texts][0]} of ${message.tab.name}`
    const stored = found.get(`${message.author} ${message.clientId}`)
    const tombstone = stored
      ? undefined
      : await world.servers.database.read<{ seq: number } | undefined>((tx) => tx.tombstone(message.author, message.clientId))
    if (tombstone) purged.add(message)
    if (stored ?? tombstone) seqOf.set(message, (stored ?? tombstone)!.seq)
    if (stored) {
      // Where the storage could not be told, another tab may have sent it; then it is deleted.
      const isDeleted = message.browser.hasHadTrouble() && stored.deletedAt !== undefined
      if (message.discarded === 'surely' && !isDeleted) journal.violate('I8', `${what} was discarded and is in the log`)
      const isWatched = message.discardedIn && [...message.browser.tabs].includes(message.discardedIn) && record.isOfThisPast(message)
      if (isWatched && stored.deletedAt === undefined && !MAY_NOT_DELETE.some((code) => journal.reached.has(`change refused ${code}`)))
        journal.violate('I8', `${what} was taken back and is in the log`)
      if (!message.texts.has(stored.body) && stored.deletedAt === undefined) journal.violate('I8', `${what} says "${stored.body}" in the log`)
      if (message.acked && (message.acked.id !== stored.id || message.acked.seq !== stored.seq))
        journal.violate('I6', `${what} was acknowledged as another one`)
    } else if (!tombstone) {
      if (message.acked) journal.violate('I6', `${what} was acknowledged and is not in the log`)
      if (message.discarded === 'no' && !message.isOptional && !isShownRefused(message)) journal.violate('I1', `${what} is lost`)
    }
  }
  for (const tab of new Set([...record.written.values()].map((message) => message.tab))) {
    let last = 0
    for (const conv of world.conversations) {
      last = 0
      for (const [message, seq] of seqOf) {
        if (
          message.tab !== tab ||
          message.conv !== conv ||
          !record.isOfThisPast(message) ||
          message.wasRefused ||
          message.isOptional ||
          message.discarded !== 'no'
        )
          continue
        if (seq < last) journal.violate('I5', `${[...message.texts][0]} of ${tab.name} stands before what was written before it`)
        last = seq
      }
    }
  }
  for (const { message, isLoaded } of monitor.unseen) {
    const seq = seqOf.get(message)
    // What was purged is nowhere any more.
    if (purged.has(message) || !record.isOfThisPast(message)) continue
    if (seq === undefined ? !message.isOptional : isLoaded(seq))
      journal.violate('I7', `${[...message.texts][0]} was not to be seen in ${message.tab.name}`)
  }
  const mine = new Set([...record.written.values()].map((message) => `${message.author} ${message.clientId}`))
  for (const [key, message] of found) if (!mine.has(key)) journal.violate('I8', `nobody wrote ${message.body}`)
}

/** Where deletions were refused for these reasons, what was taken back too late may stand. */
const MAY_NOT_DELETE = ['E_NOT_MEMBER', 'E_SERVER_ERROR']

const isShownRefused = (message: Written): boolean =>
  [...message.browser.tabs].some((tab) =>
    (tab.state().outbox.byConv[message.conv] ?? []).some((row) => row.clientId === message.clientId && row.state.name === 'refused'),
  )

/** I10, as far as one tab and one conversation go: undefined when what is shown is what is true. */
export function viewFault(tab: Tab, { conv, messages, floorSeq, seq }: Truth): string | undefined {
  const shown = (tab.state().messages.byConv[conv]?.messages ?? []).filter((message) => message.seq > floorSeq)
  const from = tab.state().conversations.byId[conv]?.facts.visibleFrom ?? 0
  if (seq > Math.max(from, floorSeq) && shown.at(-1)?.seq !== seq) return `${tab.name} ends at ${shown.at(-1)?.seq ?? 0} of ${seq} in ${conv}`
  for (const message of shown) {
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

/** I11: nobody is told of what happened before they came or after they went, and nobody writes then. */
export function checkMembership(world: World, record: Records, truth: ReadonlyMap<ConversationId, Truth>): void {
  for (const { conv, events, floorRev } of truth.values()) {
    if (floorRev > 0) continue
    const spans = new Map<UserId, [number, number][]>()
    for (const event of events) {
      if (!isKnown(event) || !('person' in event)) continue
      const own = spans.get(event.person.id) ?? []
      if (event.kind === 'join') own.push([event.rev, Infinity])
      else if (own.length > 0) own.at(-1)![1] = event.rev
      spans.set(event.person.id, own)
    }
    for (const event of events) {
      if (!isKnown(event) || event.kind !== 'new') continue
      const own = spans.get(event.message.sender)
      if (own && !own.some(([from, to]) => event.rev >= from && event.rev <= to))
        world.journal.violate('I11', `${event.message.sender} wrote ${event.rev} of ${conv} without being a member`)
    }
    const revOf = new Map(events.flatMap((event) => (isKnown(event) && event.kind === 'new' ? [[event.message.id, event.rev] as const] : [])))
    for (const { me: person, browsers } of world.people) {
      const own = spans.get(person.id)
      for (const tab of browsers.flatMap((browser) => [...browser.tabs])) {
        for (const { id, seq } of tab.state().messages.byConv[conv]?.messages ?? []) {
          const rev = revOf.get(id)
          if (own && rev && !own.some(([from, to]) => rev >= from && rev <= to))
            world.journal.violate('I11', `${tab.name} shows ${seq} of ${conv}, which was not for them`)
        }
      }
    }
    for (const { user, conv: where, rev } of record.pushed) {
      const own = spans.get(user)
      if (where === conv && own && !own.some(([from, to]) => rev >= from && rev <= to))
        world.journal.violate('I11', `${user} was told of ${rev} of ${conv}, which was not for them`)
    }
  }
}

/** I9 and I10 for the page that comes next: what a browser keeps is true, complete, and rid of what is in the log. */
export async function checkKept(world: World, truth: ReadonlyMap<ConversationId, Truth>): Promise<void> {
  const { journal } = world
  for (const { me, browsers } of world.people) {
    for (const browser of browsers) {
      const storage = browser.kept()
      const { conversations, outbox, epoch } = await storage.load()
      for (const row of outbox.rows) if (row.state.name !== 'refused') journal.violate('I9', `${me.name} keeps "${row.body}" in the outbox`)
      for (const { operation } of outbox.operations) journal.violate('I9', `${me.name} keeps ${operation.kind} ${operation.opId}`)
      for (const { conv, rev, h, seq } of conversations) {
        const one = truth.get(conv)
        if (!one?.members.has(me.id)) continue
        const event = one.events.find((held) => held.rev === rev)
        if (rev > one.rev || (event && event.h !== h)) {
          // A storage that failed while the past was replaced is found out when it is loaded.
          if (!browser.hasHadTrouble()) journal.violate('I10', `${me.name} keeps another past of ${conv}`)
          continue
        }
        if (rev < one.rev && !browser.hasHadTrouble()) journal.violate('I10', `${me.name} keeps ${conv} up to ${rev} of ${one.rev}`)
        const { messages } = await storage.page(conv, seq + 1, 1_000, epoch)
        // Below a hole as well: it is read again once the hole is filled.
        for (const message of [...messages, ...(await storage.own(me.id, conv, 0))]) {
          const stored = one.messages[message.seq - one.messages[0]!.seq]
          // What changed since it was kept is in the log that is still to be read on.
          if (message.seq <= one.floorSeq || (stored && stored.id === message.id && stored.version > rev)) continue
          if (stored?.id !== message.id || stored.body !== message.body || stored.deletedAt !== message.deletedAt)
            journal.violate('I10', `${me.name} keeps another message ${message.seq} of ${conv}`)
        }
      }
    }
  }
}

/** I13: paging through history over HTTP shows what the database holds. */
export async function checkPaging(world: World, truth: ReadonlyMap<ConversationId, Truth>): Promise<void> {
  const core = { ...world.founding }
  for (const { conv, messages, members, seq } of truth.values()) {
    const reader = world.people.find((person) => members.has(person.me.id))
    if (!reader) continue
    const read: ChatMessage[] = []
    let from = 0
    for (let before = seq + 1; ;) {
      const page = await historyPage(core, reader.identity, { conv, at: { beforeSeq: before }, limit: 50 })
      read.unshift(...page.messages)
      before = page.messages[0]?.seq ?? 0
      if (page.start || page.messages.length === 0) break
    }
    from = read[0]?.seq ?? 0
    const expected = messages.filter((message) => message.seq >= from)
    if (JSON.stringify(read) !== JSON.stringify(expected)) world.journal.violate('I13', `the pages of ${conv} are not what is stored`)
  }
}
