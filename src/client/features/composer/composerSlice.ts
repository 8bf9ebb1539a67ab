import { createReducer } from '@reduxjs/toolkit'
import { conversationLeft, draftChanged, draftsLoaded, messageWritten } from '#client/live/facts.ts'
import { emptyRecord } from '#protocol/emptyRecord.ts'
import type { ConversationId } from '#protocol/ids.ts'

/** What stands in each conversation's composer. No entry: nothing. */
export type ComposerState = { drafts: Record<ConversationId, string> }

export const composerReducer = createReducer<ComposerState>({ drafts: emptyRecord() }, (builder) => {
  builder
    .addCase(draftChanged, (state, { payload }) => {
      if (payload.text === '') delete state.drafts[payload.conv]
      else state.drafts[payload.conv] = payload.text
    })
    .addCase(draftsLoaded, (state, { payload }) => {
      // What was typed since the page opened is newer than what was stored before.
      state.drafts = Object.assign(emptyRecord<ConversationId, string>(), payload.drafts, state.drafts)
    })
    .addCase(messageWritten, (state, { payload }) => {
      if (!payload.found) delete state.drafts[payload.conv]
    })
    .addCase(conversationLeft, (state, { payload }) => {
      delete state.drafts[payload.conv]
    })
})

export const selectDraft = (state: { composer: ComposerState }, conv: ConversationId): string => state.composer.drafts[conv] ?? ''
