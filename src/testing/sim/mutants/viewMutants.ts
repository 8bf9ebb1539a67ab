import type { Mutant } from './mutant.ts'

const CATCH_UP = 'src/client/live/catchUp.ts'
const KEEPING = 'src/client/live/keeping.ts'
const ENGINE = 'src/client/live/engine.ts'
const OPERATIONS = 'src/client/live/operations.ts'
const MACHINE = 'src/client/features/outbox/outboxMachine.ts'

/** What a person is shown and told. */
export const VIEW_MUTANTS: readonly Mutant[] = [
  {
    name: 'a message missing in the middle',
    says: 'the third message of others is kept and counted, and never shown',
    file: CATCH_UP,
    find: `emit(messagesArrived({ conv: log.conv, events: known, through`,
    replace: `emit(messagesArrived({ conv: log.conv, events: known.filter((event) => event.kind !== 'new' || event.message.sender === me || event.message.seq !== 3), through`,
  },
  {
    name: 'a removal refuses everything',
    says: 'who is removed from one conversation is told that what waits in the others was refused',
    file: ENGINE,
    find: `    marks.forget(conv)`,
    replace: `    marks.forget(conv); for (const each of outbox.conversations()) outbox.left(each, Infinity)`,
  },
  {
    name: 'sent turns to not sent',
    says: 'between the acknowledgement and the log a message is called refused',
    file: MACHINE,
    find: `const stored = (_: OutboxState, event: On<'stored'>): OutboxState => ({ ...event })`,
    replace: `const stored = (_: OutboxState, event: On<'stored'>): OutboxState => ({ name: 'refused', code: event.id ? 'E_NOT_MEMBER' : 'E_INVALID' })`,
  },
  {
    name: 'made and called refused',
    says: 'a change that the server made is said to have been refused',
    file: OPERATIONS,
    find: `    emit(operationApplied({ conv: held.conv, opId: held.operation.opId, rev }))`,
    replace: `    emit(operationRefused({ conv: held.conv, operation: held.operation, code: rev < 0 ? 'E_INVALID' : 'E_NOT_FOUND' }))`,
  },
  {
    name: 'delivered before it is kept',
    says: 'the others are told that a message is on this device before its transaction is over',
    file: KEEPING,
    find: `          if (isOver() || !(await work())) return`,
    replace: `          parts.kept(conv, seq); if (isOver() || !(await work())) return`,
  },
]
