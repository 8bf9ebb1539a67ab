import { stream } from 'hono/streaming'
import { DeleteRequest, KeepRequest, PasswordRequest } from '#protocol/account.ts'
import { RenameRequest } from '#protocol/http.ts'
import { PictureRequest } from '#protocol/people.ts'
import type { Me } from '#protocol/session.ts'
import { changePassword, keepAccount } from '#server/domain/accounts.ts'
import type { Identity } from '#server/domain/core.ts'
import { exportData } from '#server/domain/exportData.ts'
import { deleteAccount } from '#server/domain/farewells.ts'
import { meOf, renameMe, setPicture } from '#server/domain/people.ts'
import { bodyOf, identityOf } from './asking.ts'
import { demandPassword } from './demandPassword.ts'
import { demandPicture } from './demandPicture.ts'
import { cutAll } from './deviceRoutes.ts'
import type { HttpContext, HttpEdge, Routes } from './httpApp.ts'
import { demandHands } from './replies.ts'

/** The asking person: who they are, and how they sign in. */
export function meRoutes(edge: HttpEdge): Routes {
  const { core, passwords } = edge
  const answer = (c: HttpContext, me: Me, { permissions }: Pick<Identity, 'permissions'>): Response => c.json({ user: { ...me, permissions } })

  return {
    '/api/me': {
      GET: async (c) => {
        const who = await identityOf(edge, c)
        return answer(c, await meOf(core, who), who)
      },
      PATCH: async (c) => {
        const who = await identityOf(edge, c)
        return answer(c, await renameMe(core, who, await bodyOf(c, RenameRequest)), who)
      },
    },

    '/api/me/picture': {
      POST: async (c) => {
        const who = await identityOf(edge, c)
        const { jpeg } = await bodyOf(c, PictureRequest)
        await demandPicture(edge, who, jpeg)
        return answer(c, await setPicture(core, who, jpeg), who)
      },
      DELETE: async (c) => {
        const who = await identityOf(edge, c)
        return answer(c, await setPicture(core, who, null), who)
      },
    },

    '/api/me/account': {
      POST: async (c) => {
        const who = await identityOf(edge, c)
        const { login, password } = await bodyOf(c, KeepRequest)
        demandHands(passwords)
        const me = await keepAccount(core, who, { login, passwordHash: await passwords.hash(password) })
        return answer(c, me, me)
      },
    },

    '/api/me/export': {
      GET: async (c) => {
        const pieces = exportData(core, await identityOf(edge, c))
        c.header('Content-Type', 'application/json; charset=utf-8')
        c.header('Content-Disposition', 'attachment; filename="tidemark-export.json"')
        return stream(c, async (to) => {
          for await (const piece of pieces) await to.write(piece)
        })
      },
    },

    '/api/me/delete': {
      POST: async (c) => {
        const who = await identityOf(edge, c)
        const { password } = await bodyOf(c, DeleteRequest)
        const me = await meOf(core, who)
        if (!me.isGuest) await demandPassword(edge, who, password ?? '')
        for (const { id } of await deleteAccount(core, who)) edge.live.cut(who.user, id, 'SIGNED_OUT')
        return c.json({})
      },
    },

    '/api/me/password': {
      POST: async (c) => {
        const who = await identityOf(edge, c)
        const { password, newPassword, signOutOthers } = await bodyOf(c, PasswordRequest)
        const passwordHash = await demandPassword(edge, who, password)
        const newPasswordHash = await passwords.hash(newPassword)
        cutAll(edge, await changePassword(core, who, { passwordHash, newPasswordHash, signOutOthers }))
        return c.json({})
      },
    },
  }
}
