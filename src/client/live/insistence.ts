import type { Clock } from './ports.ts'
import type { Timing } from './timing.ts'

/** Changes of the shared storage that are tried again and again until they are done: what a person took back must not return with the next page. */
export function openInsistence({ clock, timing, storageFailed }: { clock: Clock; timing: Timing; storageFailed: (error: unknown) => void }) {
  /** Each ends its wait for the next try. */
  const owed = new Set<() => void>()
  let isClosed = false

  /** @param failed hears of every try that fails */
  function insist<T>(change: () => Promise<T>, done: (result: T) => void, failed = () => {}, waitMs: number = timing.REREAD_SOON_MS): void {
    change().then(done, (error: unknown) => {
      storageFailed(error)
      failed()
      if (isClosed) return
      const again = clock.after(waitMs, () => {
        owed.delete(again)
        insist(change, done, failed, timing.REREAD_MS)
      })
      owed.add(again)
    })
  }

  /**
   * What is to leave the storage: all of one turn in one transaction, and each only once. While that one waits for its turn, every reading of the
   * storage still finds what is on its way out, and whoever reads asks for it again.
   */
  function leaving<Id>(remove: (ids: readonly Id[]) => Promise<void>, done: () => void): (id: Id) => void {
    const asked = new Set<Id>()
    let due: Id[] = []
    function removeDue(): void {
      const ids = due
      due = []
      const removed = () => {
        for (const id of ids) asked.delete(id)
        done()
      }
      insist(() => remove(ids), removed)
    }
    return (id) => {
      if (!asked.has(id) && due.push(id) === 1) void Promise.resolve().then(removeDue)
      asked.add(id)
    }
  }

  return {
    insist,
    leaving,
    /** The storage has refused changes that are still to be made. */
    isOwing: () => owed.size > 0,
    close: () => {
      isClosed = true
      for (const stop of owed) stop()
    },
  }
}

/** A transaction may be aborted for a reason that has passed a moment later. Rejects when the third try fails as well. */
export async function retried<T>({ clock, timing }: { clock: Clock; timing: Timing }, work: () => Promise<T>): Promise<T> {
  const moment = () => new Promise<void>((resolve) => void clock.after(timing.REREAD_SOON_MS, resolve))
  for (let left = 2; left > 0; left--) {
    try {
      return await work()
    } catch {
      await moment()
    }
  }
  return work()
}
