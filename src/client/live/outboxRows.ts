import type { ClientId, ConversationId } from '#protocol/ids.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { messageKeptInMemory, messageSaved, messageStored, outboxLoaded, outboxRowRemoved, type OutboxRow, type OutboxState } from './facts.ts'
import { openInsistence, retried } from './insistence.ts'
import type { Moment } from './moments.ts'
import { asFact, FOLLOWS, FRESH, inMemory, isAgain, isDone, isOnlyHere, isOut, isSame, type Row } from './outboxRow.ts'
import type { Clock } from './ports.ts'
import { keptState, type OutboxSnapshot, type Storage } from './storage.ts'
import type { Timing } from './timing.ts'

export type OutboxRowsParts = {
  clock: Clock
  /** Now. */
  moment: () => Moment
  timing: Timing
  storage: Storage
  /** Dispatches a fact. */
  emit: (fact: { type: string }) => void
  /** The log here is the server's, on a line that is open. */
  isCurrent: (conv: ConversationId) => boolean
  /** The log is here without a hole up to this seq. */
  through: (conv: ConversationId) => number
  /** A message of this conversation is kept, or with the server, or refused: what is to be done to it may follow. */
  moved: (conv: ConversationId) => void
  /** Other tabs should look at the shared rows again. */
  changed: () => void
  /** This tab should. */
  reread: () => void
  /** Own messages of this conversation that some tab has kept of its log. */
  kept: (conv: ConversationId) => Promise<ChatMessage[]>
  storageFailed: (error: unknown) => void
}

/** What becomes of a change of stored rows. */
type KeepingOutcome = {
  /** All tabs see it. */
  kept?: () => void
  /** The row there is no longer what the change was meant for. */
  turnedDown?: () => void
  /** A try failed; the next follows. */
  failed?: () => void
}

/**
 * The rows of the outbox, in written order per conversation: what this person wrote that is not in the log yet, as this tab holds it and as
 * the storage does that all tabs share. What is read there is of a moment that has passed: it never brings back a row that left here, and never
 * undoes a change that is still on its way there.
 *
 * @param mayGo hears of conversations whose rows are kept now, or can't be
 */
export function openOutboxRows(parts: OutboxRowsParts, mayGo: (conv: ConversationId) => void) {
  const { clock, moment, timing, storage, emit } = parts
  const { insist, leaving, ...insistence } = openInsistence(parts)
  const byConv = new Map<ConversationId, Row[]>()
  /** Rows that left here, and own messages seen in the log. */
  const left = new Map<ClientId, ConversationId>()
  /** Taken back here; whether another tab sends them already the storage is still to say. */
  const beingDiscarded = new Set<ClientId>()
  /** Which database the places `n` are of. */
  let life: string | null = null
  let isClosed = false
  let saving: Promise<void> | undefined
  let isSaveWanted = false
  let stopSaveAgain: (() => void) | undefined
  let stopLooking: (() => void) | undefined

  const of = (conv: ConversationId): readonly Row[] => byConv.get(conv) ?? []
  const find = (conv: ConversationId, clientId: ClientId) => of(conv).find((row) => row.clientId === clientId)
  const all = () => [...byConv.values()].flat()
  const emitAll = () => emit(outboxLoaded({ rows: all().map(asFact) }))

  /** Behind the last of its conversation that `goesBefore`. */
  function insert(conv: ConversationId, added: readonly Row[], goesBefore: (row: Row) => boolean): void {
    const rows = of(conv)
    for (const row of added) row.heldSince = moment()
    byConv.set(conv, rows.toSpliced(rows.findLastIndex(goesBefore) + 1, 0, ...added))
  }

  function remove(conv: ConversationId, clientIds: readonly ClientId[]): void {
    for (const clientId of clientIds) left.set(clientId, conv)
    if (byConv.has(conv))
      byConv.set(
        conv,
        of(conv).filter((row) => !clientIds.includes(row.clientId)),
      )
  }

  // ---- saving ---------------------------------------------------------------------------------------------------------------------

  function save(): void {
    isSaveWanted = true
    saving ??= saveAll().finally(() => {
      saving = undefined
    })
  }

  async function saveAll(): Promise<void> {
    stopSaveAgain?.()
    stopSaveAgain = undefined
    while (isSaveWanted) {
      isSaveWanted = false
      await saveOnce()
    }
  }

  /** Everything only this tab has, oldest first, in one transaction: a row that could not be kept is never overtaken by one that could. */
  async function saveOnce(): Promise<void> {
    const rows = all().filter((row) => row.n === null)
    const isHere = (row: Row) => find(row.conv, row.clientId) === row
    try {
      const areOthersNew = rows.length > 0 && merge(await storage.addOutbox(rows.map(asFact), life))
      for (const row of rows.filter(isHere)) {
        // The database was another one: again, with all that it should hold.
        if (row.n === null) {
          isSaveWanted = true
          continue
        }
        row.state = keptState(row.state)
        emit(messageSaved({ conv: row.conv, clientId: row.clientId }))
      }
      if (areOthersNew) emitAll()
      parts.changed()
    } catch (error) {
      for (const row of rows.filter(isHere)) {
        if (row.state.name !== 'saving') continue
        row.state = { name: 'queued', memory: true }
        emit(messageKeptInMemory({ conv: row.conv, clientId: row.clientId }))
      }
      parts.storageFailed(error)
      if (!isClosed && rows.some(isHere)) stopSaveAgain ??= clock.after(timing.REREAD_MS, save)
    }
    // What is saved at the end goes out with the next page.
    if (!isClosed) new Set(rows.map((row) => row.conv)).forEach(mayGo)
  }

  // ---- reading --------------------------------------------------------------------------------------------------------------------

  /** Takes what a transaction read. Returns true when rows changed other than by this tab. */
  function merge(snapshot: OutboxSnapshot): boolean {
    // At start all of it was acknowledged before anything is asked.
    const ackedAt = life === null ? 0 : moment()
    const isAnother = snapshot.life !== life && life !== null
    life = snapshot.life
    let isChanged = isAnother && unplaced()
    const stored = new Map(snapshot.rows.map((row) => [row.clientId, row]))
    const further: Row[] = []
    for (const row of all()) {
      const there = stored.get(row.clientId)
      if (there) {
        stored.delete(row.clientId)
        row.n = there.n
        row.wasOut = isOut(there.state)
        // It was gone, and another tab offers it again.
        row.doneAt = undefined
        if (row.unkept > 0 || isSame(row, there)) continue
        // Another tab did not know that it is on its way, and may have called it refused for that: only the server can say.
        if (row.state.name === 'sending' && (there.state.name === 'queued' || (row.isUnanswered && isUnasked(there.state)))) {
          further.push(row)
          continue
        }
        if (row.state.name !== 'saving') isChanged = true
        Object.assign(row, { state: there.state, body: there.body, ackedAt })
        continue
      }
      // Or what was read is older than the row.
      if (row.n === null || isDone(row) || row.n > snapshot.n) continue
      isChanged = true
      // Another tab saw it in the log. It stays in sight until this tab's log shows it too.
      row.doneAt = moment()
      stopLooking ??= clock.after(timing.REREAD_MS, () => void tellDone())
      if (row.state.name !== 'stored') row.state = { name: 'sending', since: clock.now(), memory: false }
    }
    keepState(further)
    for (const row of stored.values()) {
      if (beingDiscarded.has(row.clientId)) continue
      // The transaction that should have taken it out was aborted, or is still to come.
      // One that is offered again left when this tab saw it in the log that was lost.
      if (left.has(row.clientId) && !row.again) {
        // Who put it back may know that the log which showed it was lost, unless this tab's is the server's at this moment.
        if (!row.putBack || parts.isCurrent(row.conv)) takeOut(row.clientId)
        continue
      }
      const goesBefore = (other: Row) => (isAgain(other) === isAgain(row) ? other.n !== null && other.n < row.n : isAgain(other))
      insert(row.conv, [{ ...row, ...FRESH, ackedAt, wasOut: isOut(row.state) }], goesBefore)
      isChanged = true
    }
    return isChanged
  }

  /** The database was deleted under us. What it held is here, and only here. Returns true when there was something. */
  function unplaced(): boolean {
    // What another tab saw in the log needs no keeping.
    const rows = all().filter((row) => row.n !== null && !isDone(row))
    for (const row of rows) {
      row.n = null
      row.state = inMemory(row.state)
    }
    if (rows.length > 0) save()
    // What was asked for beside them went with them.
    parts.reread()
    return rows.length > 0
  }

  const isInOthersLog = (row: Row) => isDone(row) && row.state.name !== 'stored'

  /** A tab that is not on the line itself learns from what the others kept what became of its rows. */
  async function tellDone(): Promise<void> {
    stopLooking = undefined
    for (const [conv, rows] of byConv) {
      if (!rows.some(isInOthersLog)) continue
      for (const { clientId, id, seq, at } of await parts.kept(conv).catch(() => [])) {
        const row = find(conv, clientId)
        // Where this tab's log has passed that place without it, the others are of another past.
        if (!row || !isInOthersLog(row) || seq <= parts.through(conv)) continue
        row.state = { name: 'stored', id, seq, at }
        emit(messageStored({ conv, clientId, id, seq, at }))
      }
    }
  }

  // ---- changing -------------------------------------------------------------------------------------------------------------------

  /** Unless it is offered again meanwhile. */
  const takeOut = leaving(async (clientIds: readonly ClientId[]) => {
    const gone = clientIds.filter((clientId) => left.has(clientId))
    if (gone.length > 0) await storage.removeOutbox(gone)
  }, parts.changed)

  /** The server has it, and no log will ever show it here. */
  function gone(row: Row): void {
    remove(row.conv, [row.clientId])
    // What another tab took out may be there again: offered once more by one that knows of a restored backup.
    if (!isDone(row)) takeOut(row.clientId)
    parts.moved(row.conv)
    emit(outboxRowRemoved({ conv: row.conv, clientId: row.clientId }))
  }

  /** Keeps a change made here. */
  function keep(rows: readonly Row[], change: (row: OutboxRow) => OutboxRow | undefined, { kept, turnedDown, failed }: KeepingOutcome = {}): void {
    const clientIds = rows.map((row) => row.clientId)
    for (const row of rows) row.unkept++
    insist(
      () => storage.changeOutbox(clientIds, change),
      (isKept) => {
        for (const row of rows) row.unkept--
        if (isKept) parts.changed()
        if (isKept) kept?.()
        else turnedDown?.()
      },
      failed,
    )
  }

  /** After a removal what never went out is called refused without a question: by a tab that need not know what another one has sent. */
  const isUnasked = (state: OutboxState) => state.name === 'refused' && state.code === 'E_NOT_MEMBER'
  const isInDoubt = (row: Row) => row.isUnanswered && row.state.name === 'sending'

  /** Keeps where rows are on their way: as it is when the transaction runs, which may be the second or third try. */
  function keepState(rows: readonly Row[]): void {
    if (rows.length === 0) return
    keep(rows, (held) => {
      const row = find(held.conv, held.clientId)
      const isUndone = (row?.isRetried && held.state.name === 'refused') || (row && isInDoubt(row) && isUnasked(held.state))
      const follows = row && (FOLLOWS[row.state.name].includes(held.state.name) || isUndone)
      return follows ? { ...held, state: keptState(row.state) } : undefined
    })
  }

  return {
    of,
    find,
    conversations: () => [...byConv.keys()],
    all,
    /** Tells the screen what there is. */
    emitAll,
    merge,
    remove,
    gone,
    takeOut,
    keep,
    keepState,
    write: (row: Row): void => {
      insert(row.conv, [row], () => true)
      save()
    },
    /**
     * Rows of a past that the server may have lost, before everything else. Resolves when all that is here is kept, or can't be.
     */
    offer: (conv: ConversationId, rows: readonly Row[]): Promise<void> => {
      for (const row of rows) left.delete(row.clientId)
      insert(conv, rows, isAgain)
      emitAll()
      if (rows.length > 0) save()
      return saving ?? Promise.resolve()
    },
    /** It is not in the storage any more: it is kept once more. */
    keepAnew: (row: Row): void => {
      row.n = null
      row.doneAt = undefined
      save()
    },
    /**
     * In the storage that all tabs share these are on their way from now on, with the text that they have there: what another tab changed or took
     * back before is respected, what it does after that follows as a change of its own.
     */
    claim: async (rows: readonly Row[], since: number): Promise<void> => {
      if (rows.length === 0) return
      const clientIds = rows.map((row) => row.clientId)
      try {
        const snapshot = await retried(parts, () => storage.claimOutbox(clientIds, since))
        const areOthersNew = merge(snapshot)
        for (const row of rows) {
          // What was refused and rewritten here goes out as it is here: the storage may not have taken that yet.
          if (row.isRetried && row.unkept > 0) continue
          row.body = snapshot.rows.find((there) => there.clientId === row.clientId)?.body ?? row.body
        }
        if (areOthersNew) emitAll()
        parts.changed()
      } catch (error) {
        parts.storageFailed(error)
        keepState(rows)
      }
    },
    /** Takes a row out that was taken back here. `done` hears what is there then: the row, when it was too late. `failed`: of every try that fails. */
    discard: ({ clientId, state }: Row, done: (snapshot: OutboxSnapshot) => void, failed: () => void): void => {
      beingDiscarded.add(clientId)
      const answered = (snapshot: OutboxSnapshot) => {
        beingDiscarded.delete(clientId)
        done(snapshot)
      }
      insist(() => storage.discardOutbox(clientId, state.name === 'refused'), answered, failed)
    },
    /** It left here, or was seen in the log. */
    hasLeft: (clientId: ClientId) => left.has(clientId),
    /** What left is welcome again: it left by mistake, or with a log that was lost. */
    mayReturn: (which: (clientId: ClientId, conv: ConversationId) => boolean): void => {
      for (const [clientId, conv] of left) if (which(clientId, conv)) left.delete(clientId)
    },
    /** Words or changes that are lost when this page goes away now. */
    hasUnsaved: () => insistence.isOwing() || all().some((row) => isOnlyHere(row) || (row.n === null && row.state.name !== 'stored')),
    /** Resolves when what was written is kept, or can't be. */
    close: async (): Promise<void> => {
      isClosed = true
      insistence.close()
      stopSaveAgain?.()
      stopLooking?.()
      if (all().some((row) => row.n === null)) save()
      return saving
    },
  }
}
export type OutboxRows = ReturnType<typeof openOutboxRows>
