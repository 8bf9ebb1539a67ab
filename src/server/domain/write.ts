import type { Tx } from '#server/storage/store.ts'
import type { Core, Notice } from './core.ts'

/**
 * The one way a rule changes anything: one transaction, and what it tells is published after the commit, before the answer. Notices
 * of different writes are published in the order of their commits.
 */
export async function write<T>(core: Core, work: (tx: Tx, tell: (notice: Notice) => void) => Promise<T>): Promise<T> {
  let notices: Notice[] = []
  const answer = await core.store.transact((tx) => {
    notices = [] // an engine may run the work again
    return work(tx, (notice) => notices.push(notice))
  })
  for (const notice of notices) core.publish(notice)
  return answer
}
