/** The Web Locks of one browser profile. Each tab has its own view of them, and lets go of all of its locks when it is closed. */
export type ProfileLocks = { tab: () => { manager: LockManager; close: () => void } }

type Waiter = {
  owner: object
  run: (lock: Lock) => unknown
  resolve: (value: unknown) => void
  reject: (reason: unknown) => void
}
type Holder = { owner: object; lose: (reason: unknown) => void }
type Options = { signal?: AbortSignal; steal?: boolean }

export function openLocks(): ProfileLocks {
  const held = new Map<string, Holder>()
  const queues = new Map<string, Waiter[]>()

  function grant(name: string, waiter: Waiter): void {
    const holder: Holder = { owner: waiter.owner, lose: (reason) => over(() => waiter.reject(reason)) }
    const over = (settle: () => void): void => {
      const isOurs = held.get(name) === holder
      if (isOurs) held.delete(name)
      settle()
      if (isOurs) next(name)
    }
    held.set(name, holder)
    void Promise.resolve({ name, mode: 'exclusive' } as Lock)
      .then(waiter.run)
      .then(
        (value) => over(() => waiter.resolve(value)),
        (error: unknown) => over(() => waiter.reject(error)),
      )
  }

  function next(name: string): void {
    if (held.has(name)) return
    const waiter = queues.get(name)?.shift()
    if (waiter) grant(name, waiter)
  }

  const forget = (name: string, waiter: Waiter): boolean => {
    const queue = queues.get(name) ?? []
    queues.set(
      name,
      queue.filter((other) => other !== waiter),
    )
    return queue.includes(waiter)
  }

  return {
    tab: () => {
      const owner = {}
      const request = (name: string, ...more: [Options, Waiter['run']] | [Waiter['run']]): Promise<unknown> => {
        const [options, run] = more.length === 2 ? more : [{} as Options, more[0]]
        return new Promise((resolve, reject) => {
          const waiter: Waiter = { owner, run, resolve, reject }
          if (options.steal) {
            const loser = held.get(name)
            grant(name, waiter)
            loser?.lose(new DOMException('stolen', 'AbortError'))
            return
          }
          options.signal?.addEventListener('abort', () => {
            if (forget(name, waiter)) reject(options.signal?.reason as Error)
          })
          queues.set(name, [...(queues.get(name) ?? []), waiter])
          next(name)
        })
      }
      const query = (): Promise<LockManagerSnapshot> =>
        Promise.resolve({
          held: [...held.keys()].map((name): LockInfo => ({ name, mode: 'exclusive', clientId: 'page' })),
          pending: [...queues].flatMap(([name, queue]) => queue.map((): LockInfo => ({ name, mode: 'exclusive', clientId: 'page' }))),
        })
      return {
        manager: { request, query } as LockManager,
        close: () => {
          for (const [name, queue] of queues)
            queues.set(
              name,
              queue.filter((waiter) => waiter.owner !== owner),
            )
          for (const [name, holder] of [...held]) {
            if (holder.owner !== owner) continue
            held.delete(name)
            next(name)
          }
        },
      }
    },
  }
}
