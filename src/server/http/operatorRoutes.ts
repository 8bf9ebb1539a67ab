import { randomBytes } from 'node:crypto'
import * as z from 'zod/mini'
import { LoginName } from '#protocol/account.ts'
import { ClientId, MessageId, UserId } from '#protocol/ids.ts'
import { allowReset } from '#server/domain/accounts.ts'
import { announce, ban, reports, unban, withdraw } from '#server/domain/operators.ts'
import { bodyOf, shaped } from './asking.ts'
import { demandOperatorToken } from './healthRoutes.ts'
import type { HttpContext, HttpEdge, Routes } from './httpApp.ts'

const CODE_BYTES = 24

const userOf = (c: HttpContext): UserId => shaped(UserId, c.req.param('user'))

/** What operators may do, by their token alone: whoever else uses this machine is none. */
export const operatorRoutes = (edge: HttpEdge): Routes => ({
  /** For somebody who has forgotten their password: a link that works once, to be given to them by whoever knows them. */
  '/api/operator/reset-links': {
    POST: async (c) => {
      demandOperatorToken(edge, c)
      const { login } = await bodyOf(c, z.object({ login: LoginName }))
      const code = randomBytes(CODE_BYTES).toString('base64url')
      const { expiresAt } = await allowReset(edge.core, { login, codeHash: edge.core.sha256(code) })
      // behind a #, which no server and no log ever sees
      return c.json({ path: `/reset#${code}`, expiresAt })
    },
  },

  '/api/operator/reports': {
    GET: async (c) => {
      demandOperatorToken(edge, c)
      return c.json({ reports: await reports(edge.core) })
    },
  },

  /** A message in the lobby, to everybody. With a client id it is said once, however often it is asked for. */
  '/api/operator/announcements': {
    POST: async (c) => {
      demandOperatorToken(edge, c)
      const { body, clientId = edge.core.newId() as ClientId } = await bodyOf(c, z.object({ body: z.string(), clientId: z.optional(ClientId) }))
      return c.json(await announce(edge.core, { clientId, body, sentAt: edge.core.now() }))
    },
  },
  '/api/operator/announcements/:id': {
    DELETE: async (c) => {
      demandOperatorToken(edge, c)
      await withdraw(edge.core, shaped(MessageId, c.req.param('id')))
      return c.json({})
    },
  },

  '/api/operator/bans/:user': {
    POST: async (c) => {
      demandOperatorToken(edge, c)
      const user = userOf(c)
      for (const { id } of await ban(edge.core, { user })) edge.live.cut(user, id, 'BANNED')
      return c.json({})
    },
    DELETE: async (c) => {
      demandOperatorToken(edge, c)
      await unban(edge.core, { user: userOf(c) })
      return c.json({})
    },
  },
})
