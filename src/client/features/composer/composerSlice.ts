import { createReducer, isAnyOf } from '@reduxjs/toolkit'
import {
  aimDropped,
  conversationLeft,
  draftChanged,
  draftsLoaded,
  editChosen,
  editTyped,
  fileDetached,
  filesAttached,
  filesWritten,
  messageWritten,
  pastReplaced,
  replyChosen,
} from '#client/live/facts.ts'
import { emptyRecord } from '#protocol/emptyRecord.ts'
import type { FileFacts } from '#protocol/files.ts'
import type { ClientId, ConversationId, MessageId } from '#protocol/ids.ts'

/** What writing is about, where it is not a message of its own. A change leaves the draft alone. */
export type Aim = { name: 'reply'; to: MessageId } | { name: 'edit'; clientId: ClientId; /** null: as it is. */ text: string | null }

/** What stands in each conversation's composer, and what it is about. No entry: nothing. */
export type ComposerState = { drafts: Record<ConversationId, string>; aims: Record<ConversationId, Aim>; files: Record<ConversationId, FileFacts[]> }

export const composerReducer = createReducer<ComposerState>({ drafts: emptyRecord(), aims: emptyRecord(), files: emptyRecord() }, (builder) => {
  builder
    .addCase(replyChosen, ({ aims }, { payload: { conv, to } }) => {
      aims[conv] = { name: 'reply', to }
    })
    .addCase(editChosen, ({ aims }, { payload: { conv, clientId } }) => {
      aims[conv] = { name: 'edit', clientId, text: null }
    })
    .addCase(editTyped, ({ aims }, { payload: { conv, text } }) => {
      const aim = aims[conv]
      if (aim?.name === 'edit') aim.text = text
    })
    // what was answered may not be there any more
    .addCase(pastReplaced, ({ aims }, { payload: { conv } }) => {
      if (aims[conv]?.name === 'reply') delete aims[conv]
    })
    .addCase(aimDropped, ({ aims }, { payload }) => {
      delete aims[payload.conv]
    })
    .addCase(draftChanged, (state, { payload }) => {
      if (payload.text === '') delete state.drafts[payload.conv]
      else state.drafts[payload.conv] = payload.text
    })
    .addCase(draftsLoaded, (state, { payload }) => {
      // What was typed since the page opened is newer than what was stored before.
      state.drafts = Object.assign(emptyRecord<ConversationId, string>(), payload.drafts, state.drafts)
    })
    .addCase(filesAttached, ({ files }, { payload: { conv, files: more } }) => {
      files[conv] = [...(files[conv] ?? []), ...more]
    })
    .addCase(fileDetached, ({ files }, { payload: { conv, id } }) => {
      files[conv] = files[conv]?.filter((file) => file.id !== id) ?? []
    })
    .addCase(messageWritten, (state, { payload }) => {
      if (!payload.found) empty(state, payload.conv)
    })
    .addMatcher(isAnyOf(conversationLeft, filesWritten), (state, { payload }) => empty(state, payload.conv))
})

function empty(state: ComposerState, conv: ConversationId): void {
  delete state.drafts[conv]
  delete state.aims[conv]
  delete state.files[conv]
}

const NO_FILES: FileFacts[] = []
export const selectAttached = (state: { composer: ComposerState }, conv: ConversationId): FileFacts[] => state.composer.files[conv] ?? NO_FILES

export const selectDraft = (state: { composer: ComposerState }, conv: ConversationId): string => state.composer.drafts[conv] ?? ''
export const selectAim = (state: { composer: ComposerState }, conv: ConversationId): Aim | undefined => state.composer.aims[conv]
