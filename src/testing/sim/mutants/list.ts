import { LOG_MUTANTS } from './logMutants.ts'
import type { Mutant } from './mutant.ts'
import { OPERATION_MUTANTS } from './operationMutants.ts'
import { OUTBOX_MUTANTS } from './outboxMutants.ts'
import { SERVER_MUTANTS } from './serverMutants.ts'
import { VIEW_MUTANTS } from './viewMutants.ts'

export const MUTANTS: readonly Mutant[] = [...OUTBOX_MUTANTS, ...OPERATION_MUTANTS, ...LOG_MUTANTS, ...SERVER_MUTANTS, ...VIEW_MUTANTS]
