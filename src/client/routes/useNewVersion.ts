import { useEffect } from 'react'
import { newVersionFound } from '#client/live/facts.ts'
import type { BuildCame } from '#client/offline/serviceWorker.ts'
import { useAppDispatch, useAppSelector } from '#client/store/hooks.ts'
import { selectIsLive } from '#client/store/selectors/connection.ts'

/**
 * Keeps the app in this browser, by the service worker, and says when the server has another build than this page: looked for whenever the
 * line is back, since a server that was changed was away for a moment. Browsers without workers, as on plain http, go without.
 */
export function useNewVersion(): void {
  const dispatch = useAppDispatch()
  const isLive = useAppSelector(selectIsLive)
  const workers = __BUILD__ === 'dev' ? undefined : workersHere()
  useEffect(() => {
    const hear = ({ data }: MessageEvent<Partial<BuildCame>>) => {
      if ((data.build ?? __BUILD__) !== __BUILD__) dispatch(newVersionFound())
    }
    workers?.addEventListener('message', hear)
    return () => workers?.removeEventListener('message', hear)
  }, [dispatch, workers])
  useEffect(() => {
    // What keeps it away is no matter: the app works without, and the line comes back again.
    if (isLive)
      workers
        ?.register('/sw.js')
        .then(async (registration) => {
          await registration.update()
          // a page that could not hear of it when it came, as one that was frozen
          registration.active?.postMessage('build?')
        })
        .catch(() => {})
  }, [isLive, workers])
}

const workersHere = (): ServiceWorkerContainer | undefined => ('serviceWorker' in navigator ? navigator.serviceWorker : undefined)
