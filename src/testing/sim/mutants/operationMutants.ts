import type { Mutant } from './mutant.ts'

const OPERATIONS = 'src/client/live/operations.ts'
const OPERATIONS_TEST = 'src/client/live/operations.test.ts'

/** Edits, deletions and reactions, from the person to the server. */
export const OPERATION_MUTANTS: readonly Mutant[] = [
  {
    name: 'changes ahead of their message',
    says: 'a change goes out before the server can know what it is about',
    file: OPERATIONS,
    find: `=> held.conv === conv && parts.target(conv, held.operation.target) === 'with the server')`,
    replace: `=> held.conv === conv)`,
  },
  {
    name: 'changes in any order',
    says: 'what was asked for last goes out first',
    file: OPERATIONS,
    find: `const next = ready.find(`,
    replace: `const next = ready.findLast(`,
    by: OPERATIONS_TEST,
  },
  {
    name: 'changes not kept',
    says: 'what was asked for ends with the page',
    file: OPERATIONS,
    find: `waiting.filter((held) => held.n === null && parts.target(`,
    replace: `waiting.filter((held) => held.n === -1 && parts.target(`,
    by: OPERATIONS_TEST,
  },
  {
    name: 'changes never asked for again',
    says: 'what was not answered waits for ever',
    file: OPERATIONS,
    find: `flush(held.conv)`,
    replace: ``,
    by: OPERATIONS_TEST,
  },
  {
    name: 'a change found without its message',
    says: 'what another tab wrote together with a change is read later than the change',
    file: OPERATIONS,
    find: `parts.read(await storage.addOperations(fresh, life))`,
    replace: `load(await storage.addOperations(fresh, life))`,
    by: OPERATIONS_TEST,
  },
  {
    name: 'own changes overtake those of the leader',
    says: 'a tab that does not lead sends what it alone has before what it has from before',
    file: OPERATIONS,
    find: `const next = ready.find((held)`,
    replace: `const next = waiting.find((held) => !own || held.n === null ? held.conv === conv : false) ?? ready.find((held)`,
    by: OPERATIONS_TEST,
  },
  {
    name: 'changes refused for nothing',
    says: 'deletions and reactions that the server could not take just now are called refused',
    file: OPERATIONS,
    find: `    else notTaken(way, held, reply)`,
    replace: `    else if (operation.kind !== 'edit') refuse(held, 'E_FORBIDDEN')
    else notTaken(way, held, reply)`,
  },
  {
    name: 'changes refused without asking',
    says: 'a change that was made before one was removed is called refused when its answer was lost',
    file: OPERATIONS,
    find: `if (first && !way.underWay && !way.stopRest && !isClosed) void askFormer(way, first)`,
    replace: `if (first) refuse(first, 'E_NOT_MEMBER')`,
    by: OPERATIONS_TEST,
  },
  {
    name: 'finished changes stay',
    says: 'the storage is not told that a change was made',
    file: OPERATIONS,
    find: `leaving((opIds: readonly OperationId[]) => storage.removeOperations(opIds), parts.changed)`,
    replace: `(_: OperationId) => undefined`,
  },
  {
    name: 'a refused message takes its changes along',
    says: 'an edit of a message that is then refused is dropped',
    file: OPERATIONS,
    find: `parts.madeHere(held)`,
    replace: ``,
    by: OPERATIONS_TEST,
  },
  {
    name: 'withdrawn in vain',
    says: 'a tab sends what another one has withdrawn without telling it',
    file: OPERATIONS,
    find: `if (snapshot) parts.read(snapshot)`,
    replace: ``,
    by: OPERATIONS_TEST,
  },
  {
    name: 'withdrawn here only',
    says: 'a change that was withdrawn stays in the storage that all tabs share',
    file: OPERATIONS,
    find: `if (held && !(underWay?.held === held && underWay.asked)) finished(held)`,
    replace: `if (held) waiting = waiting.filter((other) => other !== held)`,
  },
  {
    name: 'held back for nothing',
    says: 'a deletion goes out at once, though it can still be undone',
    file: OPERATIONS,
    find: `return ms > HELD_MAX_MS ? 0 : Math.max(0, ms)`,
    replace: `return ms > 0 ? 0 : 0`,
  },
  {
    name: 'changes refused in silence',
    says: 'nobody is told that the server said no',
    file: OPERATIONS,
    find: `emit(operationRefused({ conv: held.conv, operation: held.operation, code }))`,
    replace: ``,
    by: OPERATIONS_TEST,
  },
  {
    name: 'former members’ changes wait',
    says: 'what was to be changed in a conversation that the person left waits for ever',
    file: OPERATIONS,
    find: `refuse(held, 'E_NOT_MEMBER')`,
    replace: `void held`,
    by: OPERATIONS_TEST,
  },
]
