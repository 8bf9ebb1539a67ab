import { uuidv7, type ClientId, type ConversationId, type OperationId, type UserId } from '#protocol/ids.ts'
import type { MessageChange, OwnOperation } from './facts.ts'
import type { Operations, OperationsParts } from './operations.ts'
import type { openOutbox } from './outbox.ts'
import type { OutboxSnapshot } from './storage.ts'

export type MessageChangesParts = Omit<OperationsParts, 'target' | 'madeHere' | 'read'> & {
  me: UserId
  outbox: Pick<ReturnType<typeof openOutbox>, 'edit' | 'discard' | 'discardedElsewhere' | 'whereabouts' | 'load'>
  /** The shared rows should be read again. */
  reread: () => void
  /** What sends changes: nobody needs it before the first message is sent. May reject; it is asked for again then. */
  fetchOperations: () => Promise<{ openOperations: (parts: OperationsParts & { me: UserId }) => Operations }>
}

/**
 * Changes to messages, wherever they are: what never went out is changed or taken back where it waits, what is on its way or there by an
 * operation that follows it.
 */
export function openMessageChanges(parts: MessageChangesParts) {
  const { me, outbox, clock, timing, random } = parts
  let operations: Operations | undefined
  /** What was asked for before the part that does it was here. */
  let asked: MessageChange[] = []
  let stopFetching = () => {}
  let isClosed = false

  /** The shared rows as they are now, for the outbox first: a change must not be found without its message. */
  function read(snapshot: OutboxSnapshot): void {
    outbox.load(snapshot)
    operations?.load(snapshot)
  }

  async function fetchOperations(): Promise<void> {
    const part = await parts.fetchOperations()
    if (isClosed) return
    operations = part.openOperations({
      ...parts,
      target: (conv, { sender, clientId }) => (sender === me ? outbox.whereabouts(conv, clientId) : 'with the server'),
      madeHere: change,
      read,
    })
    parts.reread()
    for (const change of asked) operations.add(change)
    asked = []
  }

  function keepFetching(): void {
    if (!isClosed) fetchOperations().catch(() => (stopFetching = clock.after(timing.REREAD_MS, keepFetching)))
  }

  const own = (clientId: ClientId): OwnOperation['target'] => ({ clientId, sender: me })
  const newOpId = () => uuidv7(clock.now(), random.bytes) as OperationId

  function apply(change: MessageChange): void {
    if (operations) operations.add(change)
    else asked.push(change)
  }

  const rewrite = (conv: ConversationId, clientId: ClientId, body: string, opId = newOpId()) =>
    outbox.edit(conv, clientId, body, () => apply({ conv, operation: { kind: 'edit', opId, target: own(clientId), body } }))
  const takeBack = (conv: ConversationId, clientId: ClientId, opId = newOpId(), notBefore?: number) =>
    outbox.discard(conv, clientId, () => apply({ conv, operation: { kind: 'delete', opId, target: own(clientId) }, notBefore }))

  function change(wanted: MessageChange): void {
    const { conv, operation, notBefore } = wanted
    const { kind, opId, target } = operation
    if (target.sender === me && kind === 'edit') rewrite(conv, target.clientId, operation.body, opId)
    else if (target.sender === me && kind === 'delete') takeBack(conv, target.clientId, opId, notBefore)
    else apply(wanted)
  }

  return {
    /** The outbox has been loaded, or can't be. */
    start: keepFetching,
    rewrite,
    takeBack,
    change,
    withdraw: (conv: ConversationId, opId: OperationId) => {
      asked = asked.filter(({ operation }) => operation.opId !== opId)
      operations?.withdraw(conv, opId)
    },
    release: () => operations?.release(),
    settle: (conv: ConversationId) => operations?.settle(conv, timing.SETTLE_MS) ?? Promise.resolve(),
    read,
    flush: (conv: ConversationId) => operations?.flush(conv),
    flushAll: () => operations?.flushAll(),
    lineReturned: () => operations?.lineReturned(),
    /** The message was discarded before anybody saw it. */
    discarded: (conv: ConversationId, clientId: ClientId) => operations?.forget(conv, own(clientId)),
    /** As `discarded`, in another tab; here it may be on its way. */
    discardedElsewhere: (conv: ConversationId, clientId: ClientId) => {
      operations?.forget(conv, own(clientId))
      outbox.discardedElsewhere(conv, clientId, () => apply({ conv, operation: { kind: 'delete', opId: newOpId(), target: own(clientId) } }))
    },
    left: (conv: ConversationId) => operations?.left(conv),
    conversations: () => operations?.conversations() ?? [],
    hasUnsaved: () => asked.length > 0 || (operations?.hasUnsaved() ?? false),
    /** @param rowsKept when the rows of the outbox are kept: a change must not be found without its message */
    close: async (rowsKept: Promise<void>): Promise<void> => {
      isClosed = true
      stopFetching()
      operations?.stop()
      await rowsKept
      await operations?.keep()
    },
  }
}
