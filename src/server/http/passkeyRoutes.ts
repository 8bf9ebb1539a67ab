import type * as z from 'zod/mini'
import { AddPasskeyRequest, PasskeyId, PasskeyOptionsRequest, type PasskeyOptionsAnswer, type PasskeysAnswer } from '#protocol/passkey.ts'
import { refusal } from '#protocol/reply.ts'
import { addPasskey, asPasskey, demandRoomForPasskey, keepChallenge, passkeysOf, removePasskey, takeChallenge } from '#server/domain/passkeys.ts'
import { deviceLabel } from '#server/edge/deviceLabel.ts'
import { checkMade, optionsToMake, passkeyPlace, type PasskeyPlace } from '#server/edge/passkeys.ts'
import type { PasskeyRow } from '#server/storage/store.ts'
import { bodyOf, identityOf, shaped } from './asking.ts'
import { demandPassword } from './demandPassword.ts'
import type { HttpContext, HttpEdge, Routes } from './httpApp.ts'
import { HttpRefused } from './replies.ts'

/** Ends the request of a page whose host can have no passkeys. */
export function demandPlace(c: HttpContext): PasskeyPlace {
  const place = passkeyPlace(c.env.incoming)
  if (!place) throw new HttpRefused(refusal('E_FORBIDDEN', { detail: 'no passkeys here' }))
  return place
}

/** The passkeys of the asking person. */
export function passkeyRoutes(edge: HttpEdge): Routes {
  const { core } = edge
  const answer = (c: HttpContext, passkeys: readonly PasskeyRow[]): Response =>
    c.json({ passkeys: passkeys.map(asPasskey) } satisfies z.infer<typeof PasskeysAnswer>)

  return {
    '/api/me/passkeys': {
      GET: async (c) => answer(c, await passkeysOf(core, await identityOf(edge, c))),
      POST: async (c) => {
        const who = await identityOf(edge, c)
        const { made } = await bodyOf(c, AddPasskeyRequest)
        const checked = await checkMade(demandPlace(c), made, (challenge) => takeChallenge(core, { challenge, user: who.user }))
        if (!checked) throw new HttpRefused(refusal('E_CREDENTIALS'))
        return answer(c, await addPasskey(core, who, { ...checked, label: deviceLabel(c.req.header('user-agent')) }))
      },
    },
    '/api/me/passkeys/options': {
      POST: async (c) => {
        const who = await identityOf(edge, c)
        const place = demandPlace(c)
        const { password } = await bodyOf(c, PasskeyOptionsRequest)
        const person = await demandRoomForPasskey(core, who)
        await demandPassword(edge, who, password)
        const options = await optionsToMake(place, { id: who.user, ...person })
        await keepChallenge(core, { challenge: options.challenge, user: who.user })
        return c.json({ options } satisfies z.infer<typeof PasskeyOptionsAnswer>)
      },
    },
    '/api/me/passkeys/:id': {
      DELETE: async (c) => {
        const who = await identityOf(edge, c)
        return answer(c, await removePasskey(core, who, shaped(PasskeyId, c.req.param('id'))))
      },
    },
  }
}
