import type { UserId } from '#protocol/ids.ts'
import type { MessageChange } from './facts.ts'
import { openLeftBehind } from './leftBehind.ts'
import { openOperations as open, type Operations, type OperationsParts } from './operations.ts'
import { StoredChange } from './storage.ts'

/**
 * Operations in a page, which may go away a moment after something was chosen: what is not kept by then is left where it can be written without
 * waiting, for the next page and for those that are open. The server knows each by its id: done twice it counts once.
 */
export function openOperations({ me, ...parts }: Omit<OperationsParts, 'kept'> & { me: UserId }): Operations {
  const key = `tidemark:changes:${me}`
  const left = openLeftBehind<MessageChange>(
    () => localStorage,
    key,
    StoredChange,
    ({ operation }) => operation.opId,
  )
  const operations = open({ ...parts, kept: (opIds) => opIds.forEach((opId) => left.remove(opId)) })
  const take = () => left.read().forEach(operations.add)
  const leave = () => operations.unkept().forEach(left.put)
  const hear = (event: StorageEvent) => {
    if (event.key?.startsWith(key)) take()
  }
  window.addEventListener('pagehide', leave)
  window.addEventListener('storage', hear)
  take()
  return {
    ...operations,
    stop: () => {
      window.removeEventListener('pagehide', leave)
      window.removeEventListener('storage', hear)
      operations.stop()
    },
  }
}
