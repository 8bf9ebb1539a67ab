import * as z from 'zod/mini'
import { DeviceId, Millis } from './ids.ts'

/** A browser in which this person is signed in; its tabs are one device. */
export const Device = z.object({
  deviceId: DeviceId,
  /** What kind of browser it is, by its own word: "Firefox on Linux". */
  label: z.string(),
  signedInAt: Millis,
  lastSeenAt: Millis,
  /** A tab of it is connected now. */
  isConnected: z.boolean(),
  /** The one that is asking. */
  isThis: z.boolean(),
})
export type Device = z.infer<typeof Device>
export const DevicesAnswer = z.object({ devices: z.array(Device) })

/** Answer to a sign-in for which there is no room: `POST /api/session/login` again with one of them as `signOut`. */
export const DeviceLimitAnswer = z.object({ code: z.literal('E_DEVICE_LIMIT'), devices: z.array(Device) })
