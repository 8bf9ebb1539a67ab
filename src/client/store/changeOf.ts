import type { MessageChange, OwnOperation } from '#client/live/facts.ts'
import type { ConversationId, OperationId } from '#protocol/ids.ts'
import { freshId } from './freshId.ts'

type What = { kind: 'edit'; body: string } | { kind: 'delete' } | { kind: 'react' | 'unreact'; emoji: string }

/** A change that a person makes to a message, for `operationRequested`, with the identity it keeps for ever. */
export const changeOf = (conv: ConversationId, target: OwnOperation['target'], what: What): MessageChange => ({
  conv,
  operation: { ...what, target, opId: freshId() as OperationId },
})
