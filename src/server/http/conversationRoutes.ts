import * as z from 'zod/mini'
import {
  AddMembersRequest,
  DirectRequest,
  InviteRequest,
  MuteRequest,
  NewGroupRequest,
  RenameRequest,
  type ConversationAnswer,
  type ConversationsAnswer,
  type InviteAnswer,
  type InvitesAnswer,
} from '#protocol/http.ts'
import { ConversationId, UserId } from '#protocol/ids.ts'
import { PictureRequest } from '#protocol/people.ts'
import { addMembers, conversationFor, conversationsOf, createGroup, mute, rename, setGroupPicture } from '#server/domain/conversations.ts'
import { accept, openDirect } from '#server/domain/directs.ts'
import { createInvite, inviteFacts, invitesOf, joinByInvite, revokeInvite } from '#server/domain/invites.ts'
import { leave, removeMember } from '#server/domain/leaving.ts'
import type { InviteRow } from '#server/storage/store.ts'
import { bodyOf, identityOf, shaped } from './asking.ts'
import { demandPicture } from './demandPicture.ts'
import type { HttpContext, HttpEdge, Routes } from './httpApp.ts'

const InviteCode = z.string().check(z.regex(/^[A-Za-z0-9-]{1,64}$/))

const convOf = (c: HttpContext): ConversationId => shaped(ConversationId, c.req.param('id'))
const codeOf = (c: HttpContext): string => shaped(InviteCode, c.req.param('code'))

const inviteFor = ({ code, createdAt, expiresAt, usesLeft }: InviteRow): InviteAnswer => ({
  code,
  path: `/join/${code}`,
  createdAt,
  expiresAt,
  usesLeft,
})

/** Groups, direct conversations, their members and invite links. What changes is told to everybody concerned over their sockets. */
export function conversationRoutes(edge: HttpEdge): Routes {
  const { core } = edge
  const answer = (c: HttpContext, conversation: z.infer<typeof ConversationAnswer>['conversation']): Response =>
    c.json({ conversation } satisfies z.infer<typeof ConversationAnswer>)

  return {
    '/api/conversations': {
      GET: async (c) =>
        c.json({ conversations: await conversationsOf(core, await identityOf(edge, c)) } satisfies z.infer<typeof ConversationsAnswer>),
      POST: async (c) => {
        const who = await identityOf(edge, c)
        return answer(c, await createGroup(core, who, await bodyOf(c, NewGroupRequest)))
      },
    },

    '/api/conversations/direct': {
      POST: async (c) => {
        const who = await identityOf(edge, c)
        return answer(c, await openDirect(core, who, await bodyOf(c, DirectRequest)))
      },
    },

    '/api/conversations/:id': {
      GET: async (c) => answer(c, await conversationFor(core, await identityOf(edge, c), convOf(c))),
      PATCH: async (c) => {
        const who = await identityOf(edge, c)
        const { name } = await bodyOf(c, RenameRequest)
        return answer(c, await rename(core, who, { conv: convOf(c), name }))
      },
    },

    '/api/conversations/:id/picture': {
      POST: async (c) => {
        const who = await identityOf(edge, c)
        const { jpeg } = await bodyOf(c, PictureRequest)
        await demandPicture(edge, who, jpeg)
        return answer(c, await setGroupPicture(core, who, { conv: convOf(c), jpeg }))
      },
      DELETE: async (c) => answer(c, await setGroupPicture(core, await identityOf(edge, c), { conv: convOf(c), jpeg: null })),
    },

    '/api/conversations/:id/members': {
      POST: async (c) => {
        const who = await identityOf(edge, c)
        const { users } = await bodyOf(c, AddMembersRequest)
        return answer(c, await addMembers(core, who, { conv: convOf(c), users }))
      },
    },

    '/api/conversations/:id/members/:user': {
      DELETE: async (c) => {
        const who = await identityOf(edge, c)
        await removeMember(core, who, { conv: convOf(c), user: shaped(UserId, c.req.param('user')) })
        return c.json({})
      },
    },

    '/api/conversations/:id/accept': {
      POST: async (c) => answer(c, await accept(core, await identityOf(edge, c), { conv: convOf(c) })),
    },

    '/api/conversations/:id/mute': {
      POST: async (c) => {
        const who = await identityOf(edge, c)
        return answer(c, await mute(core, who, { conv: convOf(c), ...(await bodyOf(c, MuteRequest)) }))
      },
    },

    '/api/conversations/:id/leave': {
      POST: async (c) => {
        await leave(core, await identityOf(edge, c), { conv: convOf(c) })
        return c.json({})
      },
    },

    '/api/conversations/:id/invites': {
      POST: async (c) => {
        const who = await identityOf(edge, c)
        return c.json(inviteFor(await createInvite(core, who, { conv: convOf(c), ...(await bodyOf(c, InviteRequest)) })))
      },
      GET: async (c) => {
        const invites = await invitesOf(core, await identityOf(edge, c), { conv: convOf(c) })
        return c.json({ invites: invites.map(inviteFor) } satisfies z.infer<typeof InvitesAnswer>)
      },
    },

    '/api/conversations/:id/invites/:code': {
      DELETE: async (c) => {
        await revokeInvite(core, await identityOf(edge, c), { conv: convOf(c), code: codeOf(c) })
        return c.json({})
      },
    },

    '/api/invites/:code': {
      GET: async (c) => {
        const who = await identityOf(edge, c)
        return c.json({ invite: await inviteFacts(core, who, { code: codeOf(c) }) })
      },
    },

    '/api/invites/:code/join': {
      POST: async (c) => {
        const who = await identityOf(edge, c)
        return answer(c, await joinByInvite(core, who, { code: codeOf(c) }))
      },
    },
  }
}
