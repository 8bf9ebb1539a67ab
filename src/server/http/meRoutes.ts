import { KeepRequest, PasswordRequest } from '#protocol/account.ts'
import { RenameRequest } from '#protocol/http.ts'
import { refusal } from '#protocol/reply.ts'
import type { Me } from '#protocol/session.ts'
import { changePassword, keepAccount, passwordHashOf } from '#server/domain/accounts.ts'
import type { Identity } from '#server/domain/core.ts'
import { meOf, renameMe } from '#server/domain/people.ts'
import { bodyOf, identityOf } from './asking.ts'
import { cutAll } from './deviceRoutes.ts'
import type { HttpContext, HttpEdge, Routes } from './httpApp.ts'
import { demandHands, demandPatience, HttpRefused } from './replies.ts'

/** The asking person: who they are, and how they sign in. */
export function meRoutes(edge: HttpEdge): Routes {
  const { core, passwords, limits } = edge
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

    '/api/me/account': {
      POST: async (c) => {
        const who = await identityOf(edge, c)
        const { login, password } = await bodyOf(c, KeepRequest)
        demandHands(passwords)
        const me = await keepAccount(core, who, { login, passwordHash: await passwords.hash(password) })
        return answer(c, me, me)
      },
    },

    '/api/me/password': {
      POST: async (c) => {
        const who = await identityOf(edge, c)
        const { password, newPassword, signOutOthers } = await bodyOf(c, PasswordRequest)
        const passwordHash = await passwordHashOf(core, who)
        // an open page that somebody left is no place to guess at leisure
        demandPatience(await limits.takeGuess(who.user))
        demandHands(passwords)
        if (!(await passwords.verify(password, passwordHash))) throw new HttpRefused(refusal('E_CREDENTIALS'))
        await limits.guessed(who.user)
        const newPasswordHash = await passwords.hash(newPassword)
        cutAll(edge, await changePassword(core, who, { passwordHash, newPasswordHash, signOutOthers }))
        return c.json({})
      },
    },
  }
}
