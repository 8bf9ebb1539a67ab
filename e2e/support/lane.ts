import type { Socket } from 'node:net'

/** How long bytes travel, shared by all lanes of one line and changed while they run. */
export type Travel = {
  delayMs: number
  jitterMs: number
  bytesPerSecond: number
}

/** One direction of one connection. */
export type Lane = {
  /** Looks at its conditions again, after they changed. */
  wake: () => void
  stop: () => void
}

/** What may wait inside the lane before the sender feels it. */
const HOLDS_BYTES = 64 * 1024

type Parcel = { arrivesAt: number; bytes: number; deliver: () => void }

/**
 * Carries what `from` says to `to`, in order, under the conditions of the moment. A frozen lane carries nothing, not even the end:
 * whoever listens at the other side goes on believing.
 */
export function openLane(
  from: Socket,
  to: Socket,
  { travel, isFrozen, filter, random }: { travel: Travel; isFrozen: () => boolean; filter: (bytes: Buffer) => Buffer[]; random: () => number },
): Lane {
  const parcels: Parcel[] = []
  let held = 0
  let sentAt = 0
  let arrivedAt = 0
  let timer: NodeJS.Timeout | undefined

  function put(bytes: number, deliver: () => void) {
    sentAt = Math.max(sentAt, performance.now()) + (bytes / travel.bytesPerSecond) * 1000
    arrivedAt = Math.max(arrivedAt, sentAt + travel.delayMs + random() * travel.jitterMs)
    parcels.push({ arrivesAt: arrivedAt, bytes, deliver })
    held += bytes
    wake()
  }

  function wake() {
    clearTimeout(timer)
    for (let next = parcels[0]; next && !isFrozen(); next = parcels[0]) {
      const wait = next.arrivesAt - performance.now()
      if (wait > 0) {
        timer = setTimeout(wake, wait)
        break
      }
      parcels.shift()
      held -= next.bytes
      next.deliver()
    }
    if (isFrozen() || held > HOLDS_BYTES || to.writableNeedDrain) from.pause()
    else from.resume()
  }

  from.on('data', (bytes: Buffer) => {
    for (const part of filter(bytes)) put(part.length, () => to.writable && to.write(part))
  })
  from.on('end', () => put(0, () => to.end()))
  from.on('error', () => put(0, () => to.resetAndDestroy()))
  to.on('drain', wake)

  return {
    wake,
    stop: () => {
      clearTimeout(timer)
      parcels.length = 0
    },
  }
}
