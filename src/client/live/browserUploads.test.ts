import 'fake-indexeddb/auto'
import { describe, expect, it } from 'vitest'
import { uuidv7, type FileId } from '#protocol/ids.ts'
import { clientId, conv, DAY_MS, fileFacts, NOON } from '#testing/clientBuilders.ts'
import { deleteUploads, hasUploads, openUploadStore } from './browserUploads.ts'

let people = 0
const fileOf = (at: number): FileId => uuidv7(at, (bytes) => bytes.fill(7)) as FileId
const blob = new Blob(['x'])

describe('files in this browser', () => {
  it('that stand beside what is being written stay for a month, those of a message that waits for as long as it does', async () => {
    const user = `user-${++people}`
    const first = openUploadStore(user, () => NOON)
    const [forgotten, recent, waiting] = [NOON, NOON + 2 * DAY_MS, NOON + 1].map(fileOf)
    const message = { conv, clientId: clientId(1), body: '', sentAt: NOON, files: [{ ...fileFacts(1), id: waiting! }] }
    for (const id of [forgotten!, recent!]) await first.keepBlob(id, blob)
    await first.add({ message, begun: [], done: [], refusal: null }, [{ id: waiting!, blob }])
    await first.rows()
    expect(await first.blob(forgotten!)).toBeDefined()
    first.close()

    const later = openUploadStore(user, () => NOON + 31 * DAY_MS)
    expect(await later.rows()).toHaveLength(1)
    expect([await later.blob(forgotten!), await later.blob(recent!), await later.blob(waiting!)].map((held) => held !== undefined)).toEqual([
      false,
      true,
      true,
    ])
    later.close()
  })

  it('go with their person', async () => {
    const user = `user-${++people}`
    const store = openUploadStore(user)
    const message = { conv, clientId: clientId(1), body: '', sentAt: NOON, files: [fileFacts(1)] }
    await store.add({ message, begun: [], done: [], refusal: null }, [{ id: fileFacts(1).id, blob }])
    expect(await hasUploads(user)).toBe(true)
    await deleteUploads(user)
    expect(await hasUploads(user)).toBe(false)
  })

  it('are kept by nobody where there is no database, and that is told each time', async () => {
    const { open } = indexedDB
    indexedDB.open = () => {
      throw new DOMException('blocked', 'SecurityError')
    }
    const store = openUploadStore(`user-${++people}`)
    await expect(store.keepBlob(fileOf(NOON), blob)).rejects.toThrow('blocked')
    await expect(store.rows()).rejects.toThrow('blocked')
    indexedDB.open = open
    await store.keepBlob(fileOf(NOON), blob)
    expect(await store.blob(fileOf(NOON))).toBeDefined()
    store.close()
  })
})
