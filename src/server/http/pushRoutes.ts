import type * as z from 'zod/mini'
import { PushRequest, type PushKeyAnswer } from '#protocol/push.ts'
import { refusal } from '#protocol/reply.ts'
import { subscribe, unsubscribe } from '#server/domain/pushes.ts'
import type { WebPush } from '#server/edge/webPush.ts'
import { bodyOf, identityOf } from './asking.ts'
import type { HttpEdge, Routes } from './httpApp.ts'
import { HttpRefused } from './replies.ts'

/** Whether the asking browser is told of messages while no page of it is open. */
export function pushRoutes(edge: HttpEdge, webPush: WebPush): Routes {
  const { core } = edge
  return {
    '/api/push': {
      GET: async (c) => {
        await identityOf(edge, c)
        return c.json({ key: webPush.publicKey } satisfies z.infer<typeof PushKeyAnswer>)
      },
      POST: async (c) => {
        const who = await identityOf(edge, c)
        const wanted = await bodyOf(c, PushRequest)
        if (!webPush.isAllowed(wanted.endpoint)) throw new HttpRefused(refusal('E_INVALID', { detail: 'endpoint: of no push service known here' }))
        await subscribe(core, who, wanted)
        return c.json({})
      },
      DELETE: async (c) => {
        await unsubscribe(core, (await identityOf(edge, c)).session)
        return c.json({})
      },
    },
  }
}
