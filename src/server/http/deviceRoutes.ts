import type * as z from 'zod/mini'
import type { Device, DevicesAnswer } from '#protocol/device.ts'
import { DeviceId } from '#protocol/ids.ts'
import { devicesOf, signOutDevices, type KnownDevice } from '#server/domain/devices.ts'
import type { SessionRow } from '#server/storage/store.ts'
import { identityOf, shaped } from './asking.ts'
import type { HttpEdge, Routes } from './httpApp.ts'

/** Devices as the person who asks from `own` sees them. */
export const asSeen = (edge: HttpEdge, devices: KnownDevice[], own: DeviceId): Device[] =>
  devices.map(({ user, sessions, ...device }) => ({
    ...device,
    isConnected: sessions.some((session) => edge.live.isConnected(user, session)),
    isThis: device.deviceId === own,
  }))

/** Whoever was signed out hears so on the connections that are open, and loses them. */
export function cutAll(edge: HttpEdge, ended: readonly SessionRow[]): void {
  for (const { user, id } of ended) edge.live.cut(user, id, 'DEVICE_REVOKED')
}

/** Where the asking person is signed in. */
export const deviceRoutes = (edge: HttpEdge): Routes => ({
  '/api/devices': {
    GET: async (c) => {
      const who = await identityOf(edge, c)
      return c.json({ devices: asSeen(edge, await devicesOf(edge.core, who), who.device) } satisfies z.infer<typeof DevicesAnswer>)
    },
  },
  '/api/devices/sign-out-others': {
    POST: async (c) => {
      cutAll(edge, await signOutDevices(edge.core, await identityOf(edge, c), 'others'))
      return c.json({})
    },
  },
  '/api/devices/:id': {
    DELETE: async (c) => {
      const who = await identityOf(edge, c)
      cutAll(edge, await signOutDevices(edge.core, who, shaped(DeviceId, c.req.param('id'))))
      return c.json({})
    },
  },
})
