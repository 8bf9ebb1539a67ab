import { createReducer } from '@reduxjs/toolkit'
import { uploadProgressed, uploadsListed, type Upload } from '#client/live/facts.ts'
import { emptyRecord } from '#protocol/emptyRecord.ts'
import type { ClientId } from '#protocol/ids.ts'

/** Messages whose files are on their way, in written order; `sent`: how many bytes of each are there, where this tab uploads it. */
export type UploadsState = { list: Upload[]; sent: Record<ClientId, number> }

export const uploadsReducer = createReducer<UploadsState>({ list: [], sent: emptyRecord() }, (builder) => {
  builder
    .addCase(uploadsListed, (state, { payload }) => {
      state.list = payload.uploads
    })
    .addCase(uploadProgressed, (state, { payload }) => {
      state.sent[payload.clientId] = payload.sent
    })
})
