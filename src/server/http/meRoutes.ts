import { RenameRequest } from '#protocol/http.ts'
import { meOf, renameMe } from '#server/domain/people.ts'
import { bodyOf, identityOf } from './asking.ts'
import type { HttpEdge, Routes } from './httpApp.ts'

export const meRoutes = (edge: HttpEdge): Routes => ({
  '/api/me': {
    GET: async (c) => {
      const who = await identityOf(edge, c)
      return c.json({ user: { ...(await meOf(edge.core, who)), permissions: who.permissions } })
    },
    PATCH: async (c) => {
      const who = await identityOf(edge, c)
      const me = await renameMe(edge.core, who, await bodyOf(c, RenameRequest))
      return c.json({ user: { ...me, permissions: who.permissions } })
    },
  },
})
