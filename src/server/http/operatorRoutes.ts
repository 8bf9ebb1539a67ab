import { UserId } from '#protocol/ids.ts'
import { ban, reports, unban } from '#server/domain/operators.ts'
import { shaped } from './asking.ts'
import { demandOperator } from './healthRoutes.ts'
import type { HttpContext, HttpEdge, Routes } from './httpApp.ts'

const userOf = (c: HttpContext): UserId => shaped(UserId, c.req.param('user'))

/** What operators may do, by their token. */
export const operatorRoutes = (edge: HttpEdge): Routes => ({
  '/api/operator/reports': {
    GET: async (c) => {
      demandOperator(edge, c)
      return c.json({ reports: await reports(edge.core) })
    },
  },

  '/api/operator/bans/:user': {
    POST: async (c) => {
      demandOperator(edge, c)
      const user = userOf(c)
      for (const { id } of await ban(edge.core, { user })) edge.live.cut(user, id, 'BANNED')
      return c.json({})
    },
    DELETE: async (c) => {
      demandOperator(edge, c)
      await unban(edge.core, { user: userOf(c) })
      return c.json({})
    },
  },
})
