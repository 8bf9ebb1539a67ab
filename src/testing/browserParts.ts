import type { Channel, Locks } from '#client/live/ports.ts'

/** Web Locks of one browser: first come, first served; stealing puts the holder out at once. */
export function simulatedLocks(stolen: () => void = () => {}): Locks {
  type Waiter = { taken: () => void; stolen: () => void }
  const held = new Map<string, Waiter[]>()
  const take =
    (first: boolean): Locks['hold'] =>
    (name, on) => {
      const queue = held.get(name) ?? []
      held.set(name, queue)
      if (first) {
        stolen()
        const holder = queue.shift()
        queue.unshift(on)
        void Promise.resolve().then(() => holder?.stolen())
      } else queue.push(on)
      if (queue[0] === on) void Promise.resolve().then(() => queue[0] === on && on.taken())
      return () => {
        const at = queue.indexOf(on)
        if (at < 0) return
        queue.splice(at, 1)
        const next = queue[0]
        if (at === 0 && next) void Promise.resolve().then(() => queue[0] === next && next.taken())
      }
    }
  return { hold: take(false), steal: take(true) }
}

/** A BroadcastChannel of one browser. Each call is another tab's end of it. */
export function simulatedChannel<T>(): () => Channel<T> {
  const ears = new Set<{ owner: object; hear: (message: T) => void }>()
  return () => {
    const owner = {}
    let isClosed = false
    return {
      post: (message) => {
        if (!isClosed) for (const ear of ears) if (ear.owner !== owner) void Promise.resolve().then(() => ear.hear(message))
      },
      subscribe: (hear) => {
        const ear = { owner, hear }
        ears.add(ear)
        return () => void ears.delete(ear)
      },
      close: () => {
        isClosed = true
      },
    }
  }
}
