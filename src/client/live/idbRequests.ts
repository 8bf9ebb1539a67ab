/*
 * What IndexedDB answers by events, as promises. No more of it than this app uses.
 */

/** What a request brings. Rejects with its error; the transaction it belongs to is aborted then. */
export const answerTo = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error!))
  })

/** Resolves when everything in the transaction is kept, which is later than any request's success, and rejects when nothing is. */
export const completionOf = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve())
    // a request that fails brings its transaction here too
    transaction.addEventListener('abort', () => reject(transaction.error ?? new DOMException('aborted', 'AbortError')))
  })

/** At most so many rows of a range, the newest first. */
export const newestOf = (store: IDBObjectStore, range: IDBKeyRange, limit: number): Promise<unknown[]> =>
  new Promise((resolve, reject) => {
    const rows: unknown[] = []
    const request = store.openCursor(range, 'prev')
    request.addEventListener('success', () => {
      const cursor = request.result
      if (cursor) rows.push(cursor.value)
      if (cursor && rows.length < limit) cursor.continue()
      else resolve(rows)
    })
    request.addEventListener('error', () => reject(request.error!))
  })
