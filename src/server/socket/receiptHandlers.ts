import { mark } from '#server/domain/marks.ts'
import type { Handlers } from './answer.ts'

export const receiptHandlers: Handlers<'receipt:mark'> = {
  'receipt:mark': ({ core }, live, request) => mark(core, live.who, request),
}
