import * as z from 'zod/mini'
import { REQUESTS } from '#protocol/requests.ts'
import { ConversationId, MessageId } from '#protocol/ids.ts'
import { PAGE_MAX } from '#protocol/limits.ts'
import { SearchQuery } from '#protocol/search.ts'
import { historyPage, pull } from '#server/domain/catchUp.ts'
import { searchMessages } from '#server/domain/search.ts'
import { sendMessages } from '#server/edge/sendMessages.ts'
import { bodyOf, identityOf, shaped } from './asking.ts'
import type { HttpEdge, Routes } from './httpApp.ts'
import { demandPatience, sayAnswer } from './replies.ts'

const DEFAULT_PAGE = 50
const whole = z.pipe(z.string().check(z.regex(/^\d{1,15}$/)), z.transform(Number))
const limit = z.optional(whole.check(z.minimum(1), z.maximum(PAGE_MAX)))
const SyncQuery = z.object({ conv: ConversationId, from: whole, limit })
const HistoryQuery = z.object({
  beforeSeq: z.optional(whole),
  afterSeq: z.optional(whole),
  aroundSeq: z.optional(whole),
  around: z.optional(MessageId),
  limit,
})

/** The HTTP twins of sending and catching up: same rules, same ids, for closing pages, bots and checkers. And what is asked over HTTP alone. */
export const messageRoutes = (edge: HttpEdge): Routes => ({
  '/api/messages': {
    POST: async (c) => {
      const who = await identityOf(edge, c)
      return sayAnswer(c, await sendMessages(edge, who, await bodyOf(c, REQUESTS['message:send'])))
    },
  },

  '/api/sync': {
    GET: async (c) => {
      const who = await identityOf(edge, c)
      const { conv, from, limit: most } = shaped(SyncQuery, c.req.query())
      return c.json(await pull(edge.core, who, { conv, from, ...(most !== undefined && { limit: most }) }))
    },
  },

  '/api/search': {
    GET: async (c) => {
      const who = await identityOf(edge, c)
      const query = shaped(SearchQuery, c.req.query())
      demandPatience(await edge.limits.takeSearch(who.user))
      return c.json(await searchMessages(edge.core, who, query))
    },
  },

  /** Without a position: the newest page. */
  '/api/conversations/:id/messages': {
    GET: async (c) => {
      const who = await identityOf(edge, c)
      const conv = shaped(ConversationId, c.req.param('id'))
      const { beforeSeq = Number.MAX_SAFE_INTEGER, afterSeq, aroundSeq, around, limit: most = DEFAULT_PAGE } = shaped(HistoryQuery, c.req.query())
      const at = afterSeq !== undefined ? { afterSeq } : aroundSeq !== undefined ? { aroundSeq } : around !== undefined ? { around } : { beforeSeq }
      return c.json(await historyPage(edge.core, who, { conv, at, limit: most }))
    },
  },
})
