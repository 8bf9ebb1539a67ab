import type { OwnOperation } from '#client/live/facts.ts'
import { NO_HASH, type OutboxSnapshot } from '#client/live/storage.ts'
import type { ConversationId, UserId } from '#protocol/ids.ts'
import { linkOf, textOf } from '#protocol/chain.ts'
import { isKnown, type LogEvent } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { historyPage } from '#server/domain/catchUp.ts'
import { chainAfter } from '#server/domain/chain.ts'
import { userOf } from './browsers.ts'
import type { Monitor } from './monitor.ts'
import type { Records, Written } from './record.ts'
import type { Truth } from './truth.ts'
import type { World } from './world.ts'

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
  /** Nobody offers it to a restored server again, which then finds nothing to delete. */
  const deletedByItsAuthor = new Set(
    [...record.changes.values()].flatMap(({ what, outcome, clientId }) =>
      what.kind === 'delete' && (outcome === 'open' || outcome === 'applied' || outcome === 'E_NOT_FOUND') ? [clientId] : [],
    ),
  )
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
      const isDeleted = message.browser.hadTroubleSince(message.at) && stored.deletedAt !== undefined
      if (message.discarded === 'surely' && !isDeleted) journal.violate('I8', `${what} was discarded and is in the log`)
      const isWatched = message.discardedIn && [...message.browser.tabs].includes(message.discardedIn) && record.isOfThisPast(message)
      if (isWatched && stored.deletedAt === undefined && !message.isDeletionRefused) journal.violate('I8', `${what} was taken back and is in the log`)
      if (!message.texts.has(stored.body) && stored.deletedAt === undefined) journal.violate('I8', `${what} says "${stored.body}" in the log`)
      if (message.acked && (message.acked.id !== stored.id || message.acked.seq !== stored.seq))
        journal.violate('I6', `${what} was acknowledged as another one`)
    } else if (!tombstone) {
      if (deletedByItsAuthor.has(message.clientId) && !record.isOfThisPast(message)) continue
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
  for (const { browsers } of world.people) {
    for (const tab of browsers.flatMap((browser) => [...browser.tabs])) {
      for (const row of Object.values(tab.state().outbox.byConv).flat())
        if (row.state.name === 'refused' && found.has(`${userOf(tab)} ${row.clientId}`))
          journal.violate('I7', `${tab.name} says that ${row.body} was not sent, and it is in the log`)
    }
  }
  const mine = new Set([...record.written.values()].map((message) => `${message.author} ${message.clientId}`))
  for (const [key, message] of found) if (!mine.has(key)) journal.violate('I8', `nobody wrote ${message.body}`)
}

const isShownRefused = (message: Written): boolean =>
  [...message.browser.tabs].some((tab) =>
    (tab.state().outbox.byConv[message.conv] ?? []).some((row) => row.clientId === message.clientId && row.state.name === 'refused'),
  )

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

/** Changes that should have been made by now: only reactions to what was refused wait with it. */
export function unfinished({ rows, operations }: OutboxSnapshot): OwnOperation[] {
  const refused = new Set(rows.flatMap((row) => (row.state.name === 'refused' ? [row.clientId] : [])))
  return operations
    .map(({ operation }) => operation)
    .filter(({ kind, target }) => kind === 'edit' || kind === 'delete' || !refused.has(target.clientId))
}

/** I9 and I10 for the page that comes next: what a browser keeps is true, complete, and rid of what is in the log. */
export async function checkKept(world: World, record: Records, truth: ReadonlyMap<ConversationId, Truth>): Promise<void> {
  const { journal } = world
  for (const { me, browsers } of world.people) {
    for (const browser of browsers) {
      const storage = browser.kept()
      const { conversations, outbox, epoch } = await storage.load()
      for (const row of outbox.rows) {
        if (row.state.name !== 'refused') journal.violate('I9', `${me.name} keeps "${row.body}" in the outbox`)
        else if (truth.get(row.conv)?.messages.some(({ sender, clientId }) => sender === me.id && clientId === row.clientId))
          journal.violate('I7', `${me.name} keeps "${row.body}" as not sent, and it is in the log`)
      }
      for (const { kind, opId } of unfinished(outbox)) journal.violate('I9', `${me.name} keeps ${kind} ${opId}`)
      for (const { conv, rev, h, seq } of conversations) {
        const one = truth.get(conv)
        if (!one?.members.has(me.id)) continue
        const event = one.events.find((held) => held.rev === rev)
        const lastAt = one.events.findLast(isKnown)?.at ?? 0
        if (rev > one.rev || (event && event.h !== h)) {
          // A storage that failed after the past was replaced is found out when it is loaded.
          // Or it is marked as lost by a page that crashed before it was read anew: whoever asks the server about it reads it anew.
          const isExcused =
            record.isPastChanged() && (h === NO_HASH || browser.hadTroubleSince(record.restoredAt()) || browser.hadGivenUpEverywhere(lastAt))
          if (!isExcused) journal.violate('I10', `${me.name} keeps another past of ${conv}`)
          continue
        }
        // What could not be kept is read again with whatever happens next.
        const isExcused = browser.hadTroubleSince(lastAt) || browser.hadGivenUpEverywhere(lastAt)
        if (rev < one.rev && !isExcused) journal.violate('I10', `${me.name} keeps ${conv} up to ${rev} of ${one.rev}`)
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
