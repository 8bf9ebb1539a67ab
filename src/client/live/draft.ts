import { createReducer, type ActionCreatorWithPayload } from '@reduxjs/toolkit'
import { emptyRecord } from '#protocol/emptyRecord.ts'
import type { ConversationId } from '#protocol/ids.ts'
import * as facts from './facts.ts'
import type { Draft, Drafts } from './facts.ts'

export const isNothing = ({ text, ...more }: Draft): boolean => text === '' && Object.keys(more).length === 0

/** What stands in all composers: the rule for the screen and for what is kept. */
export const draftsReducer = createReducer<Drafts>(emptyRecord(), (builder) => {
  /** What becomes of one draft. */
  const on = <P extends { conv: ConversationId }>(fact: ActionCreatorWithPayload<P>, change: (draft: Draft, payload: P) => void) =>
    builder.addCase(fact, (drafts, { payload }) => {
      const draft = (drafts[payload.conv] ??= { text: '' })
      change(draft, payload)
      if (!draft.files?.length) delete draft.files
      if (!Object.keys(draft.edits ?? {}).length) delete draft.edits
      if (isNothing(draft)) delete drafts[payload.conv]
    })
  const answersNothing = (draft: Draft) => delete draft.reply
  const isSent = (draft: Draft) => {
    draft.text = ''
    answersNothing(draft)
    delete draft.files
  }
  on(facts.draftChanged, (draft, { text }) => (draft.text = text))
  on(facts.replyChosen, (draft, { to }) => {
    draft.reply = { to }
    delete draft.editing
  })
  on(facts.replyDropped, answersNothing)
  // What was answered may not be there any more.
  on(facts.pastReplaced, answersNothing)
  on(facts.editChosen, (draft, { clientId }) => (draft.editing = clientId))
  on(facts.editTyped, (draft, { clientId, text }) => ((draft.edits ??= emptyRecord())[clientId] = text))
  on(facts.editEnded, (draft, { clientId }) => {
    delete draft.editing
    delete draft.edits?.[clientId]
  })
  on(facts.filesAttached, (draft, { files }) => (draft.files = [...(draft.files ?? []), ...files]))
  on(facts.fileDetached, (draft, { id }) => (draft.files = draft.files?.filter((file) => file.id !== id) ?? []))
  on(facts.messageWritten, (draft, { found }) => found ?? isSent(draft))
  on(facts.filesWritten, isSent)
  // Its words are not thrown away with its files.
  on(facts.uploadWithdrawn, (draft, { body }) => (draft.text = [draft.text, body].filter((text) => text !== '').join('\n')))
  builder.addCase(facts.conversationLeft, (drafts, { payload }) => {
    delete drafts[payload.conv]
  })
  builder.addCase(facts.draftsLoaded, (drafts, { payload }) => {
    // What was typed since the page opened is newer than what was stored before.
    for (const [conv, stored] of Object.entries(payload.drafts) as [ConversationId, Draft][])
      drafts[conv] = { ...stored, ...drafts[conv], text: drafts[conv]?.text || stored.text }
  })
})
