import type { RootState } from '#client/store/reducer.ts'
import type { FileFacts } from '#protocol/files.ts'
import type { ClientId, ConversationId } from '#protocol/ids.ts'

export const selectDraftText = ({ drafts }: RootState, conv: ConversationId) => drafts[conv]?.text ?? ''
/** A new object whenever a message is chosen, be it the same. */
export const selectReply = ({ drafts }: RootState, conv: ConversationId) => drafts[conv]?.reply
/** The own message that is being changed. */
export const selectEditing = ({ drafts }: RootState, conv: ConversationId) => drafts[conv]?.editing
/** undefined: nothing was typed. */
export const selectEdit = ({ drafts }: RootState, conv: ConversationId, clientId: ClientId) => drafts[conv]?.edits?.[clientId]

const NO_FILES: FileFacts[] = []
export const selectAttached = ({ drafts }: RootState, conv: ConversationId): FileFacts[] => drafts[conv]?.files ?? NO_FILES
