import type { ConversationId } from '#protocol/ids.ts'
import { isKnown } from '#protocol/log.ts'
import type { ChatMessage } from '#protocol/message.ts'
import type { Change, Records } from './record.ts'
import type { Truth } from './truth.ts'
import type { World } from './world.ts'

/**
 * I1, I2, I5, I8 for edits, deletions and reactions: each asked for is made once or refused with a reason, behind its message, in the order
 * of the tab it was asked for in; what was asked for last is what stands.
 */
export function checkChanges(world: World, record: Records, truth: ReadonlyMap<ConversationId, Truth>): void {
  const { journal } = world
  const revOf = new Map<string, number>()
  const stored = new Map<string, ChatMessage>()
  for (const { messages, events } of truth.values()) {
    for (const message of messages) stored.set(`${message.sender} ${message.clientId}`, message)
    for (const event of events) {
      if (!isKnown(event) || !('opId' in event)) continue
      if (revOf.has(event.opId)) journal.violate('I2', `a change of ${event.actor} was made twice, at ${revOf.get(event.opId)} and ${event.rev}`)
      revOf.set(event.opId, event.rev)
    }
  }

  const byTarget = new Map<string, Change[]>()
  for (const change of record.changes.values()) {
    const key = `${change.sender} ${change.clientId}`
    byTarget.set(key, [...(byTarget.get(key) ?? []), change])
  }
  for (const [key, changes] of byTarget) {
    const message = stored.get(key)
    const written = record.written.get(changes[0]!.clientId)
    if (!changes.every(record.isOfThisPast) || (written && !record.isOfThisPast(written))) continue
    for (const change of changes) checkOne(change, message)
    checkOrder(changes)
    // Purged, never sent, refused, or from a page that crashed: there is nothing to look at.
    if (!message || written?.isOptional || written?.wasRefused) continue
    checkLast(message, changes)
  }

  function checkOne(change: Change, message: ChatMessage | undefined): void {
    const { outcome, what, tab, opId } = change
    const name = `${what.kind} of ${change.clientId} asked in ${tab.name}`
    if (change.withdrawn === 'surely' && revOf.has(opId) && !change.browser.hadTroubleSince(change.at))
      journal.violate('I8', `${name} was undone, and it was made at ${revOf.get(opId)}`)
    // What waited was changed where it was, without an operation.
    const isMadeInPlace =
      message !== undefined &&
      (what.kind === 'edit'
        ? message.body === what.body || message.deletedAt !== undefined
        : what.kind === 'delete' && message.deletedAt !== undefined)
    if (
      outcome === 'open' &&
      change.withdrawn === 'no' &&
      !change.isOptional &&
      message &&
      !revOf.has(opId) &&
      !isMadeInPlace &&
      !isSuperseded(change)
    )
      journal.violate('I1', `${name} is lost`)
    if (change.refusedAt !== undefined && revOf.has(opId)) journal.violate('I7', `${name} was called refused, and it was made at ${revOf.get(opId)}`)
    // Who comes back does not see what was there before.
    const mayBeGone =
      message === undefined || message.deletedAt !== undefined || record.absences.wasAway(change.author, change.conv, 0, change.refusedAt ?? 0)
    if (outcome === 'E_NOT_FOUND' && !mayBeGone) journal.violate('I1', `${name} was refused, though the message is there`)
  }

  /** What waited was edited once more, where it was: only the last text ever went out. */
  function isSuperseded({ what, clientId, isUnsent }: Change): boolean {
    return isUnsent && what.kind === 'edit' && [...(record.written.get(clientId)?.allTexts ?? [])].at(-1) !== what.body
  }

  /** Where order makes a difference: among what is done to the text, and to each reaction. */
  function checkOrder(changes: Change[]): void {
    const last = new Map<string, number>()
    for (const { opId, tab, what, notBefore } of changes) {
      const rev = revOf.get(opId)
      // What is held back lets others pass.
      if (rev === undefined || notBefore !== undefined) continue
      const key = `${tab.name} ${'emoji' in what ? what.emoji : 'its text'}`
      if (rev < (last.get(key) ?? 0)) journal.violate('I5', `a change asked in ${tab.name} stands before one asked earlier`)
      last.set(key, rev)
    }
  }

  function checkLast(message: ChatMessage, changes: Change[]): void {
    const counted = changes.filter(
      (change) => !change.isOptional && change.withdrawn === 'no' && (change.outcome === 'open' || change.outcome === 'applied'),
    )
    if (counted.some(({ what }) => what.kind === 'delete')) {
      if (message.deletedAt === undefined) journal.violate('I8', `${message.seq} of ${message.conv} was deleted and is there`)
      return
    }
    if (message.deletedAt !== undefined || changes.some((change) => change.isOptional)) return
    const written = record.written.get(message.clientId)
    const isRefused = changes.some(({ what, outcome }) => what.kind === 'edit' && outcome !== 'open' && outcome !== 'applied')
    if (!isRefused && written?.lastText !== undefined && message.body !== written.lastText)
      journal.violate('I8', `${message.seq} of ${message.conv} says "${message.body}", and last "${written.lastText}" was asked for`)
    for (const change of counted) checkReaction(message, counted, change)
  }

  function checkReaction(message: ChatMessage, changes: Change[], { what, author, tab }: Change): void {
    if (what.kind !== 'react' && what.kind !== 'unreact') return
    const same = changes.filter((other) => other.author === author && 'emoji' in other.what && other.what.emoji === what.emoji)
    if (same.some((other) => other.tab !== tab)) return
    const isThere = message.reactions?.[what.emoji]?.includes(author) ?? false
    if (isThere !== (same.at(-1)!.what.kind === 'react'))
      journal.violate('I8', `${what.emoji} of ${author} on ${message.seq} of ${message.conv} is not what was asked for last`)
  }
}
