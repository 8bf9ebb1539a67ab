import type { ClientId, ConversationId, Epoch } from '#protocol/ids.ts'
import type { Reset } from '#protocol/sync.ts'
import { hasPassed, type ConversationLog } from './conversationLog.ts'
import type { Clock } from './ports.ts'
import type { Batch, Storage, StoredConversation } from './storage.ts'

export type KeepingParts = {
  clock: Clock
  storage: Storage
  /** Is this still the log of its conversation? */
  isPresent: (log: ConversationLog) => boolean
  /** The shared outbox has fewer rows now: other tabs may wait for messages of theirs that only this tab saw in the log. */
  outboxChanged: () => void
  /** These are with the server, and the transaction that should have taken them out of the shared outbox failed. */
  unsettled: (clientIds: readonly ClientId[]) => void
  /** Everything up to here is stored on this device. */
  kept: (conv: ConversationId, seq: number) => void
  /** The storage is behind this tab: read on from there, because it must never have a hole. */
  isBehind: (log: ConversationLog, stored: StoredConversation) => void
  /** Is this place of the server's past? */
  isServers: (stored: StoredConversation) => Promise<boolean>
  /** What the storage holds is not what this tab knows: only the server can say which is true. */
  isStrange: (log: ConversationLog) => void
  storageFailed: (error: unknown) => void
}

/** Aborted transactions in a row after which the cache is given up for a while: each further try may cost a pull. */
export const TROUBLES_MAX = 3
/** For so long. Own messages of that time are in no cache, should the server's backup be restored. */
export const GIVEN_UP_MS = 60_000

/**
 * Brings what the log says into this browser's storage: one write after another per conversation, never with a hole, never two pasts
 * in one.
 */
export function openKeeping(parts: KeepingParts) {
  const { storage } = parts
  const writes = new Map<ConversationId, Promise<void>>()
  /** What is stored of these is of a past that is not the server's, and could not be replaced yet: nothing is read there or added to it. */
  const distrusted = new Set<ConversationId>()
  let troubles = 0
  let failedAt = 0

  const isGivenUp = () => troubles >= TROUBLES_MAX && Math.abs(parts.clock.now() - failedAt) < GIVEN_UP_MS

  /** `work` resolves true when everything up to the log's present seq is in the storage then. */
  function write(log: ConversationLog, work: () => Promise<boolean>): void {
    const { conv, seq, past } = log
    // What was still to be written of a past that is not the server's is dropped, and settles nothing.
    const isOver = () => log.past !== past
    writes.set(
      conv,
      written(conv).then(async () => {
        try {
          if (isOver() || !(await work())) return
          troubles = 0
          if (!isOver() && parts.isPresent(log)) parts.kept(conv, seq)
        } catch (error) {
          troubles++
          failedAt = parts.clock.now()
          parts.storageFailed(error)
        }
      }),
    )
  }

  const written = (conv: ConversationId): Promise<void> => writes.get(conv) ?? Promise.resolve()

  /** A transaction that also takes own messages out of the shared outbox. */
  async function settling<T>(clientIds: readonly ClientId[], work: () => Promise<T>): Promise<T> {
    try {
      const result = await work()
      if (clientIds.length > 0) parts.outboxChanged()
      return result
    } catch (error) {
      parts.unsettled(clientIds)
      throw error
    }
  }

  async function append(log: ConversationLog, batch: Batch): Promise<boolean> {
    const result = await storage.append(batch)
    if (result === 'kept') return true
    if (!parts.isPresent(log)) return false
    if (result === 'strange') parts.isStrange(log)
    // The log goes on without the storage; the outbox must not.
    else if (isGivenUp()) parts.unsettled(batch.settled)
    // The database was deleted under us: what is kept from now on begins with what the server has.
    else if (result === 'unknown') parts.isStrange(log)
    else if (log.rev <= result.behind.rev) return false
    else if (hasPassed(log, result.behind)) parts.isBehind(log, result.behind)
    else parts.isStrange(log)
    return false
  }

  /** The storage takes changes again: first of all it lets go of the other past, which makes room. */
  async function replace(log: ConversationLog, settled: ClientId[]): Promise<boolean> {
    const hasRoom = await storage.drop(log.conv, settled)
    distrusted.delete(log.conv)
    if (parts.isPresent(log) && (hasRoom || !isGivenUp())) parts.isStrange(log)
    return false
  }

  return {
    written,
    trusts: (conv: ConversationId) => !distrusted.has(conv),
    events: (log: ConversationLog, batch: Batch): void =>
      write(log, () => settling(batch.settled, () => (distrusted.has(log.conv) ? replace(log, batch.settled) : append(log, batch)))),
    /** `over`: any past, when what is stored is not of the server's, whatever its number; or that of this place. */
    reset: (log: ConversationLog, reset: Reset, { over, settled }: Parameters<Storage['reset']>[1]): void =>
      write(log, async () => {
        if (over === 'any past') distrusted.add(log.conv)
        const keep = (where: typeof over) =>
          settling(settled, () => storage.reset(reset, { over: distrusted.has(log.conv) ? 'any past' : where, settled }))
        let result = await keep(over)
        // Another tab has kept more than this one had read.
        if (result !== 'kept' && (await parts.isServers(result.unknown))) result = await keep(result.unknown)
        if (result === 'kept') distrusted.delete(log.conv)
        else if (parts.isPresent(log)) parts.isStrange(log)
        return result === 'kept'
      }),
    facts: (log: ConversationLog): void =>
      write(log, async () => {
        if (!distrusted.has(log.conv)) await storage.keepFacts(log.conv, { facts: log.facts, marksRev: log.marksRev })
        return false
      }),
    /** At once, before what is offered again is kept: other tabs may still believe in that past, and would take it out with what they saw there. */
    pastLost: (conv: ConversationId, present?: Epoch): void => void storage.distrust(conv, present).catch(parts.storageFailed),
    /** Behind all that is still to be written about it, or that would bring it back. */
    forget: (conv: ConversationId, isBack: () => boolean): void =>
      void writes.set(
        conv,
        written(conv)
          .then(() => (isBack() ? undefined : storage.forget(conv)))
          .catch(parts.storageFailed),
      ),
    /** The server's database is another one: all that is cached of the one before goes. */
    restart: async (epoch: Epoch, convs: Iterable<ConversationId>): Promise<void> => {
      for (const conv of convs) distrusted.add(conv)
      try {
        await storage.restart(epoch)
        distrusted.clear()
      } catch (error) {
        parts.storageFailed(error)
      }
    },
  }
}
