import { openMemoryDb, type Db } from '#client/live/db.ts'
import { openStorage, type Storage } from '#client/live/storage.ts'

let lives = 0

/** The production storage over a database in memory; each database has a life of its own. */
export const memoryStorage = (db: Db = openMemoryDb()): Storage => openStorage(db, { unit: () => ++lives / 1e6, bytes: () => {} })
