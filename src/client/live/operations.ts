import { isRefusal, type RefusalCode } from '#protocol/codes.ts'
import type { ConversationId, OperationId } from '#protocol/ids.ts'
import type { Refusal } from '#protocol/reply.ts'
import { changesListed, operationApplied, operationRefused, type MessageChange, type OwnOperation } from './facts.ts'
import { openInsistence } from './insistence.ts'
import type { Line } from './line.ts'
import type { Clock, Random } from './ports.ts'
import { ERRORS_BEFORE_VERDICT } from './sending.ts'
import type { OutboxSnapshot, Storage } from './storage.ts'
import { backoffMs, type Timing } from './timing.ts'

export type OperationsParts = {
  clock: Clock
  random: Random
  timing: Timing
  storage: Storage
  request: Line['request']
  /** Dispatches a fact. */
  emit: (fact: { type: string }) => void
  /** May what belongs to this conversation go out now? `own`: no other tab knows of it. */
  maySend: (conv: ConversationId, own: boolean) => boolean
  /** Is the message still on its way to the server, and who can see that? */
  target: (conv: ConversationId, target: OwnOperation['target']) => 'with the server' | 'refused' | 'on its way' | 'on its way, in this tab only'
  /** The server did not take the message: what was to be done to it is done to what waits here. */
  madeHere: (change: MessageChange) => void
  /** The shared rows as they are now, for the outbox first: a change must not be found without its message. Ends with `load`. */
  read: (snapshot: OutboxSnapshot) => void
  /** The server says this person is no longer a member. */
  notMember: (conv: ConversationId) => void
  /** Renew the token; what waits follows when the line is back. */
  tokenRefused: () => void
  /** Other tabs should look at the shared rows again. */
  changed: () => void
  storageFailed: (error: unknown) => void
  /** These outlive the page, or are over. */
  kept?: (opIds: readonly OperationId[]) => void
}

/** `n`: its place in the storage that all tabs share; null while only this tab has it. */
type Waiting = MessageChange & { n: number | null }

type Way = {
  /** `asked`: the server has been asked for it; until then it can still be withdrawn. */
  underWay: { held: Waiting; asked: boolean } | undefined
  stopRest: (() => void) | undefined
  stopHold: (() => void) | undefined
  troubles: number
  serverErrors: number
}

/** Longer than anything is held back: what has a later time was given it by a clock that was set back since. */
const HELD_MAX_MS = 60_000

/**
 * Edits, deletions and reactions that the server has not answered yet. Each waits until its message is with the server, then they go out
 * one by one in the order they were made, for ever, each with its id; so a change is never lost, never made twice, never ahead of its message.
 *
 * They are kept in the storage that all tabs share, never before their message is. Two tabs may send the same one: it counts once.
 */
export function openOperations(parts: OperationsParts) {
  const { clock, random, timing, storage, emit } = parts
  const { leaving, ...insistence } = openInsistence(parts)
  let waiting: Waiting[] = []
  let toldOf = ''
  const done = new Set<OperationId>()
  const ways = new Map<ConversationId, Way>()
  /** Which database the places `n` are of. */
  let life: string | null = null
  let saving: Promise<void> | undefined
  let stopSaveAgain: (() => void) | undefined
  let isClosed = false
  /** Those who wait until nothing waits in a conversation. */
  const patient = new Set<{ conv: ConversationId; done: () => void }>()

  const wayOf = (conv: ConversationId): Way => {
    let way = ways.get(conv)
    if (!way) ways.set(conv, (way = { underWay: undefined, stopRest: undefined, stopHold: undefined, troubles: 0, serverErrors: 0 }))
    return way
  }

  function add(change: MessageChange): void {
    const { opId } = change.operation
    if (done.has(opId) || waiting.some((held) => held.operation.opId === opId)) return
    waiting.push({ ...change, n: null })
    tell()
    save()
    flush(change.conv)
  }

  const mayGo = (conv: ConversationId) =>
    parts.maySend(
      conv,
      waiting.some((held) => held.conv === conv && held.n === null),
    )

  /** For how long it is still held back. */
  function heldFor({ notBefore = 0 }: Waiting): number {
    const ms = notBefore - clock.now()
    return ms > HELD_MAX_MS ? 0 : Math.max(0, ms)
  }

  /** An operation never changes: its name is enough to know whether this is new. */
  function tell(): void {
    const now = waiting.map(({ operation }) => operation.opId).join()
    if (now === toldOf) return
    toldOf = now
    for (const one of patient) if (!waiting.some((held) => held.conv === one.conv)) one.done()
    emit(changesListed({ changes: waiting.map(({ conv, operation, notBefore }) => ({ conv, operation, notBefore })) }))
  }

  // ---- the shared storage ---------------------------------------------------------------------------------------------------------

  /** What only this tab has and others could understand: they must find the message before they find what is to be done to it. */
  const unsaved = () => waiting.filter((held) => held.n === null && parts.target(held.conv, held.operation.target) !== 'on its way, in this tab only')

  function save(): void {
    stopSaveAgain?.()
    stopSaveAgain = undefined
    saving ??= saveAll().finally(() => {
      saving = undefined
    })
  }

  async function saveAll(): Promise<void> {
    for (let fresh = unsaved(); fresh.length > 0; fresh = unsaved()) {
      try {
        parts.read(await storage.addOperations(fresh, life))
        if (storage.isShared()) parts.kept?.(fresh.map(({ operation }) => operation.opId))
        parts.changed()
      } catch (error) {
        parts.storageFailed(error)
        if (!isClosed) stopSaveAgain = clock.after(timing.REREAD_MS, save)
        return
      }
    }
  }

  /** What a transaction read. What is not there any more was finished by another tab, unless the database is another one. */
  function load(snapshot: OutboxSnapshot): void {
    if (snapshot.life !== life) for (const held of waiting) held.n = null
    life = snapshot.life
    const stored = new Map(snapshot.operations.map((row) => [row.operation.opId, row.n]))
    // What was read may be older than what is kept since.
    waiting = waiting.filter((held) => held.n === null || held.n > snapshot.n || stored.has(held.operation.opId))
    for (const held of waiting) held.n = stored.get(held.operation.opId) ?? held.n
    const known = new Set(waiting.map((held) => held.operation.opId))
    for (const row of snapshot.operations) {
      if (done.has(row.operation.opId)) takeOut(row.operation.opId)
      else if (!known.has(row.operation.opId)) waiting.push(row)
    }
    // What is not stored yet was made last.
    waiting.sort((a, b) => (a.n ?? Infinity) - (b.n ?? Infinity) || 0)
    tell()
    if (!saving && unsaved().length > 0) save()
    flushAll()
  }

  const takeOut = leaving((opIds: readonly OperationId[]) => storage.removeOperations(opIds), parts.changed)

  function finished(held: Waiting): void {
    const { opId } = held.operation
    done.add(opId)
    parts.kept?.([opId])
    waiting = waiting.filter((other) => other.operation.opId !== opId)
    tell()
    takeOut(opId)
  }

  // ---- sending --------------------------------------------------------------------------------------------------------------------

  function flush(conv: ConversationId): void {
    const way = wayOf(conv)
    if (way.underWay || way.stopRest || isClosed) return
    // A reaction waits for the message, should it go out after all.
    const isToBeMadeHere = ({ conv: where, operation: { kind, target } }: Waiting) =>
      where === conv && (kind === 'edit' || kind === 'delete') && parts.target(conv, target) === 'refused'
    // One after the other: the first may make the message go out again, and then the next waits behind it.
    for (let held = waiting.find(isToBeMadeHere); held; held = waiting.find(isToBeMadeHere)) {
      const { opId } = held.operation
      waiting = waiting.filter((other) => other.operation.opId !== opId)
      parts.madeHere(held)
      if (!waiting.some((other) => other.operation.opId === opId)) takeOut(opId)
    }
    tell()
    way.stopHold?.()
    const ready = waiting.filter((held) => held.conv === conv && parts.target(conv, held.operation.target) === 'with the server')
    const next = ready.find((held) => heldFor(held) === 0)
    if (next && mayGo(conv)) void (next.notBefore === undefined || next.n === null ? send(way, next) : sendIfWanted(way, next))
    else if (!next && ready.length > 0) way.stopHold = clock.after(Math.min(...ready.map(heldFor)), () => flush(conv))
  }

  function flushAll(): void {
    for (const conv of new Set(waiting.map((held) => held.conv))) flush(conv)
  }

  /** Another tab may have withdrawn it a moment ago, and nobody told this one yet: the storage that all tabs share has the last word. */
  async function sendIfWanted(way: Way, held: Waiting): Promise<void> {
    const { conv } = held
    way.underWay = { held, asked: false }
    const snapshot = await storage.outbox().catch((error: unknown) => parts.storageFailed(error))
    if (snapshot) parts.read(snapshot)
    way.underWay = undefined
    if (isClosed) return
    if (waiting.includes(held) && mayGo(conv)) await send(way, held)
    else flush(conv)
  }

  async function send(way: Way, held: Waiting): Promise<void> {
    const { conv, operation } = held
    way.underWay = { held, asked: true }
    const reply = await parts.request('operation:apply', { conv, operation })
    way.underWay = undefined
    if (reply.ok) applied(way, held, reply.rev)
    else notTaken(way, held, reply)
    flush(conv)
  }

  /** Its answer may have been lost before the person was removed: nothing is called refused without the server's word. */
  async function askFormer(way: Way, held: Waiting): Promise<void> {
    way.underWay = { held, asked: true }
    const reply = await parts.request('operation:apply', { conv: held.conv, operation: held.operation })
    way.underWay = undefined
    if (reply.ok) applied(way, held, reply.rev)
    else if (reply.code === 'E_NOT_MEMBER' || reply.code === 'E_NOT_FOUND') refuse(held, 'E_NOT_MEMBER')
    else return notTaken(way, held, reply)
    const following = waiting.find((other) => other.conv === held.conv)
    if (following) void askFormer(way, following)
  }

  function applied(way: Way, held: Waiting, rev: number): void {
    Object.assign(way, { troubles: 0, serverErrors: 0 })
    emit(operationApplied({ conv: held.conv, opId: held.operation.opId, rev }))
    finished(held)
  }

  function refuse(held: Waiting, code: RefusalCode): void {
    finished(held)
    emit(operationRefused({ conv: held.conv, operation: held.operation, code }))
  }

  function notTaken(way: Way, held: Waiting, { code, retryAfterMs, detail }: Refusal): void {
    if (code === 'E_NOT_MEMBER') return parts.notMember(held.conv)
    if (isRefusal(code)) return refuse(held, code)
    if (code === 'E_INTERNAL' && ++way.serverErrors >= ERRORS_BEFORE_VERDICT) {
      way.serverErrors = 0
      return refuse(held, 'E_SERVER_ERROR')
    }
    if (code === 'E_AUTH_EXPIRED') parts.tokenRefused()
    // The line is gone: it goes on when there is one again.
    if (code === 'E_TIMEOUT' && detail !== undefined) return
    way.troubles++
    const wait = Math.max(retryAfterMs ?? 0, code === 'E_RATE' ? 0 : backoffMs(timing, way.troubles, random.unit()))
    way.stopRest = clock.after(wait, () => {
      way.stopRest = undefined
      flush(held.conv)
    })
  }

  return {
    add,
    load,
    /** It never happened, unless it has gone out already. */
    withdraw: (conv: ConversationId, opId: OperationId) => {
      const held = waiting.find(({ operation }) => operation.opId === opId)
      const { underWay } = wayOf(conv)
      if (held && !(underWay?.held === held && underWay.asked)) finished(held)
    },
    /** The page goes away: what is held back goes out while there is a line, for nobody is here to withdraw it. */
    release: () => {
      for (const held of waiting) held.notBefore = undefined
      flushAll()
    },
    /** What is held back in a conversation goes out now. Resolves when nothing waits there any more, or after `ms`: it may have to wait for long. */
    settle: (conv: ConversationId, ms: number): Promise<void> =>
      new Promise((resolve) => {
        const done = () => {
          patient.delete(one)
          stop()
          resolve()
        }
        const one = { conv, done }
        const stop = clock.after(ms, done)
        patient.add(one)
        for (const held of waiting) if (held.conv === conv) held.notBefore = undefined
        flush(conv)
        if (!waiting.some((held) => held.conv === conv)) done()
      }),
    /** Something changed for a message that may be waited for. */
    flush: (conv: ConversationId) => {
      save()
      flush(conv)
    },
    flushAll: () => {
      save()
      flushAll()
    },
    /** A fresh line: waiting times of the old one no longer hold. */
    lineReturned: () => {
      for (const way of ways.values()) {
        way.stopRest?.()
        Object.assign(way, { stopRest: undefined, troubles: 0 })
      }
    },
    /** Its message was taken back before anybody saw it: there is nothing to change. */
    forget: (conv: ConversationId, target: OwnOperation['target']) => {
      for (const held of waiting) if (held.conv === conv && held.operation.target.clientId === target.clientId) finished(held)
    },
    /** The person is no longer a member. What was made before that is answered as done. */
    left: (conv: ConversationId) => {
      const way = wayOf(conv)
      const first = waiting.find((held) => held.conv === conv)
      if (first && !way.underWay && !way.stopRest && !isClosed) void askFormer(way, first)
    },
    conversations: () => new Set(waiting.map((held) => held.conv)),
    /** What nobody else could go on with. */
    unkept: (): MessageChange[] =>
      waiting
        .filter(({ n }) => n === null || !storage.isShared())
        .map(({ conv, operation, notBefore }) => ({ conv, operation, ...(notBefore !== undefined && { notBefore }) })),
    /** Changes that are lost when this page goes away now. */
    hasUnsaved: () => insistence.isOwing() || waiting.some((held) => held.n === null),
    /** Nothing goes out any more. */
    stop: (): void => {
      isClosed = true
      insistence.close()
      for (const way of ways.values()) {
        way.stopRest?.()
        way.stopHold?.()
      }
      stopSaveAgain?.()
    },
    /** Resolves when what was asked for is kept, or can't be. */
    keep: async (): Promise<void> => {
      save()
      return saving
    },
  }
}
export type Operations = ReturnType<typeof openOperations>
