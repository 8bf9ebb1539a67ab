import type { Chance } from './chance.ts'
import type { Counters } from './tabEars.ts'

/** What goes wrong with the storage of all browsers, for as long as it is on. */
export type StorageTrouble = { isOn: boolean; chance: Chance; counters: Counters }

type Factory = { open: IDBFactory['open'] }
/** Chance of each transaction to be aborted, and of each of these to be for want of room. */
const ABORTED = 0.01
const FULL = 0.3
const ABORTED_WITHIN_MS = 3

/**
 * A page's way to the IndexedDB of its browser. Transactions are aborted by chance; and once the page is killed, none of its transactions
 * that is not complete will ever be, while those of the other pages go on.
 */
export function openPageStorage(factory: Factory, trouble: StorageTrouble): { indexedDB: Factory; kill: () => void } {
  let isDead = false
  const underWay = new Set<IDBTransaction>()

  function abort(transaction: IDBTransaction, because?: string): void {
    // the error a browser gives is its own; a page can only abort without one
    const own = transaction as IDBTransaction & { _abort?: (because: string) => void }
    try {
      if (because !== undefined && underWay.has(transaction)) own._abort?.(because)
      else transaction.abort()
      if (!isDead) trouble.counters.saw(because === undefined ? 'storage aborted' : 'storage full')
    } catch {
      // complete already
    }
  }

  function take(db: IDBDatabase): void {
    const begin = db.transaction.bind(db)
    const close = db.close.bind(db)
    const { chance } = trouble
    db.transaction = (...how) => {
      const transaction = begin(...how)
      underWay.add(transaction)
      for (const end of ['complete', 'abort']) transaction.addEventListener(end, () => underWay.delete(transaction))
      if (isDead) transaction.abort()
      else if (trouble.isOn && chance.happens(ABORTED)) {
        const because = chance.happens(FULL) ? 'QuotaExceededError' : undefined
        setTimeout(() => abort(transaction, because), chance.between(0, ABORTED_WITHIN_MS))
      }
      return transaction
    }
    // a killed page that could not begin a transaction would open the database again
    db.close = () => {
      if (!isDead) close()
    }
  }

  return {
    indexedDB: {
      open: (...what) => {
        const request = factory.open(...what)
        request.addEventListener('success', () => take(request.result))
        return request
      },
    },
    kill: () => {
      isDead = true
      for (const transaction of underWay) abort(transaction)
    },
  }
}
