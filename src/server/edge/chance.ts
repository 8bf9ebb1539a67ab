import { hash, randomFillSync } from 'node:crypto'
import { uuidv7 } from '#protocol/ids.ts'

/** Ids need 16 bytes at a time; asking the system for each costs more than the rest of the id. */
const pool = new Uint8Array(8 * 1024)
let used = pool.length

function randomBytes(into: Uint8Array): void {
  if (used + into.length > pool.length) {
    randomFillSync(pool)
    used = 0
  }
  into.set(pool.subarray(used, used + into.length))
  used += into.length
}

export const newId = (): string => uuidv7(Date.now(), randomBytes)

/** Hexadecimal. */
export const sha256 = (data: string | Uint8Array): string => hash('sha256', data, 'hex')
