import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase, type Database } from './sqliteDriver.ts'
import { StartError } from './startError.ts'
import { StorageError } from './store.ts'

const LOCKS = Symbol.for('tidemark.directoryLocks')

type Held = { lock: Database; holders: number }

/**
 * Locks held by this process. On `globalThis`, because a development server loads this module anew while the old copy of the server
 * may still be closing its store: two stores of one process may share a directory for that moment, two processes may not.
 */
const shared = globalThis as { [LOCKS]?: Map<string, Held> }
const heldLocks = (shared[LOCKS] ??= new Map<string, Held>())

/**
 * Makes this process the only one that uses the directory; answers how to let go. The lock is the operating system's, on a file of
 * its own, so it ends with the process, however that ends.
 */
export function lockDirectory(dir: string): () => void {
  const key = realpathSync(dir)
  const held = heldLocks.get(key) ?? { lock: acquire(dir), holders: 0 }
  heldLocks.set(key, held)
  held.holders++
  return () => {
    if (--held.holders > 0) return
    heldLocks.delete(key)
    held.lock.close()
  }
}

function acquire(dir: string): Database {
  const lock = openDatabase(join(dir, 'lock.db'))
  try {
    lock.exec('BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock.close()
    if (error instanceof StorageError && error.reason === 'busy') {
      throw new StartError(`Another process is already using the data directory ${dir}: stop it, or set DATA_DIR to another directory.`, error)
    }
    throw error
  }
}
