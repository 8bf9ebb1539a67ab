import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { LOBBY } from '#protocol/ids.ts'
import { newId } from '#server/edge/chance.ts'
import { openSqliteStore } from '#server/storage/openSqliteStore.ts'
import { openDatabase } from '#server/storage/sqliteDriver.ts'
import { StorageError, type Store } from '#server/storage/store.ts'
import { dial, draft } from '#server/testing/dial.ts'
import { startNode } from '#server/testing/startNode.ts'

it('on a disk that takes nothing any more, those who come back can read: only what they write is refused', async () => {
  const database = await openSqliteStore({ dir: ':memory:', newId })
  let isFull = false
  const store: Store = { ...database, transact: (work) => (isFull ? Promise.reject(new StorageError('full')) : database.transact(work)) }
  const node = await startNode({ store })
  const ann = await dial(node, await node.guest('Ann'))
  await ann.get('message:send', { conv: LOBBY, messages: [draft('before')] })
  isFull = true
  ann.hangUp()
  const again = await dial(node, ann.guest, { tabId: ann.tabId, gen: 2, hello: false })
  const hello = await again.ask('hello', { epoch: null, urev: 0, convs: {} })
  const send = await again.ask('message:send', { conv: LOBBY, messages: [draft('refused')] })
  again.hangUp()
  await node.stop()
  await database.close()
  expect(send).toMatchObject({ ok: false, code: 'E_STORAGE' })
  expect(hello).toMatchObject({ ok: true, heads: { [LOBBY]: { seq: 1 } } })
})

it('a database that another program keeps busy does not stop the event loop while one waits for it', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tidemark-'))
  const database = await openSqliteStore({ dir, newId })
  const node = await startNode({ store: database })
  const ann = await dial(node, await node.guest('Ann'))
  const other = openDatabase(join(dir, 'tidemark.db'))
  other.exec('BEGIN IMMEDIATE')
  let lastAt = performance.now()
  let longestMs = 0
  const beat = setInterval(() => {
    longestMs = Math.max(longestMs, performance.now() - lastAt)
    lastAt = performance.now()
  }, 10)
  expect(await ann.ask('message:send', { conv: LOBBY, messages: [draft('meanwhile')] })).toMatchObject({ code: 'E_BUSY' })
  await new Promise((resolve) => setTimeout(resolve, 50))
  clearInterval(beat)
  other.exec('ROLLBACK')
  other.close()
  ann.hangUp()
  await node.stop()
  await database.close()
  rmSync(dir, { recursive: true, force: true })
  expect(longestMs).toBeLessThan(500)
})
