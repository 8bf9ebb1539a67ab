import type { App } from './app.ts'
import { readConfig } from './config.ts'
import { makeLog } from '#server/observe/log.ts'
import { openApp } from './openApp.ts'
import { StartError } from '#server/storage/startError.ts'

/** What suits development; the environment may say otherwise. An edit must not make anybody wait for the drain. */
const DEVELOPMENT = { DATA_DIR: '.data/dev', LOG_LEVEL: 'warn', DRAIN_MS: '0' }

/** The app under `vite dev`. Imported anew after every edit of the server. */
export function openDevApp(): Promise<App> {
  const settings = readConfig({ ...DEVELOPMENT, ...process.env })
  if (!settings.ok) throw new StartError(settings.mistakes.join(' '))
  return openApp({ config: settings.config, log: makeLog(settings.config.LOG_LEVEL) })
}
