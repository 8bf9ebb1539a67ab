import { join } from 'node:path'
import { createApp, type App } from './app.ts'
import type { Config } from './config.ts'
import { newId } from '#server/edge/chance.ts'
import { secretIn } from '#server/edge/secret.ts'
import type { Timing } from '#server/edge/timing.ts'
import type { Log } from '#server/observe/log.ts'
import { FILES_FOLDER, openFileFolder } from '#server/storage/fileFolder.ts'
import { openSqliteStore } from '#server/storage/openSqliteStore.ts'
import { StartError } from '#server/storage/startError.ts'

/** Opens the database first and the doors after it. Closing goes the other way round. Throws `StartError` when the data can't be used. */
export async function openApp(parts: { config: Config; log: Log; timing?: Partial<Timing> }): Promise<App> {
  const { DATA_DIR, DATABASE_MAX_PAGES: maxPages, SECRET } = parts.config
  const store = await openSqliteStore({ dir: DATA_DIR, newId, ...(maxPages !== undefined && { maxPages }) })
  try {
    const app = createApp({ ...parts, store, folder: openFileFolder(join(DATA_DIR, FILES_FOLDER)), secret: SECRET ?? ownSecret(DATA_DIR) })
    const close: App['close'] = async (how) => {
      await app.close(how)
      await store.close()
    }
    let closed: Promise<void> | undefined
    return { ...app, close: (how) => (closed ??= close(how)) }
  } catch (error) {
    await store.close()
    throw error
  }
}

function ownSecret(dataDir: string): string {
  try {
    return secretIn(dataDir)
  } catch (error) {
    throw new StartError(`The secret in ${dataDir} can't be read or written; make the folder writable or set SECRET.`, error)
  }
}
