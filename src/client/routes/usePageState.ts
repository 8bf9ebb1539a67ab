import { useLayoutEffect } from 'react'
import { useAppStore } from '#client/store/hooks.ts'
import { selectConnectionName } from '#client/store/selectors/connection.ts'
import { selectMyId } from '#client/store/selectors/session.ts'

/**
 * Keeps what other programs read in step with the store, change by change: `html[data-connection]`, `html[data-user-id]`, and the
 * events `tidemark:connection` and `tidemark:synced` on `window`. Outside of rendering, because React may skip a state that lasted
 * only a moment.
 */
export function usePageState(): void {
  const store = useAppStore()
  useLayoutEffect(() => {
    const { dataset } = document.documentElement
    let connection: string | undefined
    let syncedAt: number | undefined
    const show = () => {
      const state = store.getState()
      const name = selectConnectionName(state)
      const me = selectMyId(state)
      const { synced } = state.connection
      if (me === null) delete dataset['userId']
      else if (dataset['userId'] !== me) dataset['userId'] = me
      if (name !== connection) {
        connection = name
        dataset['connection'] = name
        window.dispatchEvent(new CustomEvent('tidemark:connection', { detail: { name } }))
      }
      if (synced && synced.at !== syncedAt) {
        syncedAt = synced.at
        window.dispatchEvent(new CustomEvent('tidemark:synced', { detail: synced }))
      }
    }
    show()
    return store.subscribe(show)
  }, [store])
}
