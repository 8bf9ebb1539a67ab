import type * as z from 'zod/mini'
import { PictureId, UserId } from '#protocol/ids.ts'
import {
  BlockRequest,
  ContactRequest,
  PeopleQuery,
  ReceiptsRequest,
  ReportRequest,
  type ContactAnswer,
  type PeopleAnswer,
  type ReceiptsAnswer,
} from '#protocol/people.ts'
import { block, blockedBy, unblock } from '#server/domain/blocks.ts'
import { report } from '#server/domain/operators.ts'
import { contactOf, findPeople, pictureOf, receiptsOf, setContact, setReceipts } from '#server/domain/people.ts'
import { bodyOf, identityOf, shaped } from './asking.ts'
import type { HttpEdge, Routes } from './httpApp.ts'

/** Finding people, and who may find and write to the asking one. */
export const peopleRoutes = (edge: HttpEdge): Routes => ({
  '/api/people': {
    GET: async (c) => {
      const who = await identityOf(edge, c)
      const { q } = shaped(PeopleQuery, c.req.query())
      return c.json({ people: await findPeople(edge.core, who, { text: q }) } satisfies z.infer<typeof PeopleAnswer>)
    },
  },

  // without asking who it is for: what shows a picture sends no token
  '/api/pictures/:picture': {
    GET: async (c) => {
      const jpeg = await pictureOf(edge.core, shaped(PictureId, c.req.param('picture')))
      // what has this name never changes; a day, because it stays in the browser of who signs out
      return c.body(new Uint8Array(Buffer.from(jpeg, 'base64')), 200, {
        'Content-Type': 'image/jpeg',
        'Cache-Control': 'private, max-age=86400, immutable',
      })
    },
  },

  '/api/blocks': {
    GET: async (c) => c.json({ people: await blockedBy(edge.core, await identityOf(edge, c)) } satisfies z.infer<typeof PeopleAnswer>),
    POST: async (c) => {
      const who = await identityOf(edge, c)
      await block(edge.core, who, await bodyOf(c, BlockRequest))
      return c.json({})
    },
  },

  '/api/blocks/:user': {
    DELETE: async (c) => {
      const who = await identityOf(edge, c)
      await unblock(edge.core, who, { user: shaped(UserId, c.req.param('user')) })
      return c.json({})
    },
  },

  '/api/reports': {
    POST: async (c) => {
      const who = await identityOf(edge, c)
      await report(edge.core, who, await bodyOf(c, ReportRequest))
      return c.json({})
    },
  },

  '/api/me/contact': {
    GET: async (c) => c.json({ contact: await contactOf(edge.core, await identityOf(edge, c)) } satisfies z.infer<typeof ContactAnswer>),
    POST: async (c) => {
      const who = await identityOf(edge, c)
      const { contact } = await bodyOf(c, ContactRequest)
      await setContact(edge.core, who, contact)
      return c.json({ contact } satisfies z.infer<typeof ContactAnswer>)
    },
  },

  '/api/me/receipts': {
    GET: async (c) => c.json({ receipts: await receiptsOf(edge.core, await identityOf(edge, c)) } satisfies z.infer<typeof ReceiptsAnswer>),
    POST: async (c) => {
      const who = await identityOf(edge, c)
      const { receipts } = await bodyOf(c, ReceiptsRequest)
      await setReceipts(edge.core, who, receipts)
      return c.json({ receipts } satisfies z.infer<typeof ReceiptsAnswer>)
    },
  },
})
