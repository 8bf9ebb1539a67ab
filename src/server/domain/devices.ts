import type { Device } from '#protocol/device.ts'
import type { DeviceId, UserId } from '#protocol/ids.ts'
import { DEVICES_MAX } from '#protocol/limits.ts'
import { Refused, type ReadTx, type SessionRow, type Tx } from '#server/storage/store.ts'
import type { Core, Identity } from './core.ts'
import { write } from './write.ts'

/** What is known of a device without asking who is connected. */
export type KnownDevice = Pick<Device, 'deviceId' | 'label' | 'signedInAt' | 'lastSeenAt'> & { user: UserId; sessions: SessionRow['id'][] }

/** `E_DEVICE_LIMIT`, with the devices of which one has to go. */
export class TooManyDevices extends Refused {
  readonly devices: KnownDevice[]
  constructor(devices: KnownDevice[]) {
    super('E_DEVICE_LIMIT')
    this.devices = devices
  }
}

/** Where the asking person is signed in, the one used last first. */
export async function devicesOf(core: Core, who: Identity): Promise<KnownDevice[]> {
  return core.store.read((tx) => knownDevices(core, tx, who.user))
}

/** Signs devices of the asking person out: one of them, or all but the one that asks. Answers the sessions that ended, for their connections to be cut. */
export async function signOutDevices(core: Core, who: Identity, which: DeviceId | 'others'): Promise<SessionRow[]> {
  return write(core, (tx) => endDevices(core, tx, who.user, ({ deviceId }) => (which === 'others' ? deviceId !== who.device : deviceId === which)))
}

export async function endDevices(core: Core, tx: Tx, user: UserId, isMeant: (session: SessionRow) => boolean): Promise<SessionRow[]> {
  const meant = (await liveSessions(core, tx, user)).filter(isMeant)
  for (const { id } of meant) await tx.updateSession(id, { revokedAt: core.now() })
  return meant
}

/**
 * Throws `TooManyDevices` when this device would be one too many. Devices are counted, not connections, and under the person's lock:
 * two that come at once can not both be the last that is let in.
 */
export async function makeRoom(core: Core, tx: Tx, user: UserId, device: DeviceId): Promise<void> {
  const devices = await knownDevices(core, tx, user)
  if (devices.length >= DEVICES_MAX && devices.every(({ deviceId }) => deviceId !== device)) throw new TooManyDevices(devices)
}

async function knownDevices(core: Core, tx: ReadTx, user: UserId): Promise<KnownDevice[]> {
  const devices = new Map<DeviceId, KnownDevice>()
  for (const { id, deviceId, label, createdAt, lastSeenAt } of await liveSessions(core, tx, user)) {
    const known = devices.get(deviceId)
    if (!known) devices.set(deviceId, { user, deviceId, label, signedInAt: createdAt, lastSeenAt, sessions: [id] })
    else known.sessions.push(id)
  }
  return [...devices.values()]
}

/** Sessions that may still be used, the one used last first. */
export async function liveSessions(core: Core, tx: ReadTx, user: UserId): Promise<SessionRow[]> {
  return (await tx.sessionsOf(user)).filter(({ revokedAt, expiresAt }) => revokedAt === null && expiresAt > core.now())
}
