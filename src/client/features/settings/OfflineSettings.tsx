import { useSyncExternalStore } from 'react'
import { t } from '#client/words/t.ts'

const words = () => ({
  kept: t('Tidemark is kept in this browser: it opens without a network, with what you have read here.'),
  coming: t('Tidemark is not kept in this browser yet. It will be after a moment with a connection.'),
  insecure: t(
    'Without a network Tidemark can’t be opened here: a browser keeps an app only when its address begins with https. What you write waits safely all the same.',
  ),
  missing: t('Without a network Tidemark can’t be opened here: this browser keeps no apps. What you write waits safely all the same.'),
})

/** Whether the app itself opens here without a network, and if not, why. */
export function OfflineSettings() {
  const keeping = useSyncExternalStore(subscribe, keepingNow)
  return (
    <section aria-labelledby="settings-offline">
      <h2 id="settings-offline">{t('Without a network')}</h2>
      <p data-testid="app-kept" data-kept={keeping}>
        {words()[keeping]}
      </p>
    </section>
  )
}

function keepingNow(): keyof ReturnType<typeof words> {
  if (!window.isSecureContext) return 'insecure'
  if (!('serviceWorker' in navigator)) return 'missing'
  return navigator.serviceWorker.controller ? 'kept' : 'coming'
}

function subscribe(changed: () => void): () => void {
  if (!('serviceWorker' in navigator)) return () => {}
  navigator.serviceWorker.addEventListener('controllerchange', changed)
  return () => navigator.serviceWorker.removeEventListener('controllerchange', changed)
}
