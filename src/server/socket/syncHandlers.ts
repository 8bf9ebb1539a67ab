import { headsFor, historyPage, pull, userEventsAfter } from '#server/domain/catchUp.ts'
import type { Handlers } from './answer.ts'

export const syncHandlers: Handlers<'sync:heads' | 'sync:pull' | 'sync:user' | 'history:page'> = {
  'sync:heads': ({ core }, live, request) => headsFor(core, live.who, request),
  'sync:pull': ({ core }, live, request) => pull(core, live.who, request),
  'sync:user': ({ core }, live, request) => userEventsAfter(core, live.who, request),
  'history:page': ({ core }, live, request) => historyPage(core, live.who, request),
}
