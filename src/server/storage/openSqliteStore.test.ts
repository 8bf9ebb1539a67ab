import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CHAIN_START, uuidv7, type ClientId, type ConversationId, type MessageId, type UserId } from '#protocol/ids.ts'
import { termsOf } from '#protocol/search.ts'
import type { ChatMessage } from '#protocol/message.ts'
import { backUp } from './backup.ts'
import { openSqliteStore } from './openSqliteStore.ts'
import { openDatabase } from './sqliteDriver.ts'
import { StartError } from './startError.ts'
import type { Store, UserRow } from './store.ts'
import { describeStore } from './storeContract.ts'

let dir: string
const open: Store[] = []
let holder: ChildProcess | undefined
const newId = () => uuidv7(Date.now(), (bytes) => void crypto.getRandomValues(bytes))

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tidemark-'))
})
afterEach(async () => {
  holder?.kill('SIGKILL')
  holder = undefined
  for (const store of open.splice(0)) await store.close()
  rmSync(dir, { recursive: true, force: true })
})

async function openAt(path: string, maxPages?: number): Promise<Store> {
  const store = await openSqliteStore({ dir: path, newId, ...(maxPages === undefined ? {} : { maxPages }) })
  open.push(store)
  return store
}

describeStore('SQLite', async () => () => openSqliteStore({ dir, newId }))

const hold = () => fork(new URL('../testing/holdStore.ts', import.meta.url), [dir], { execArgv: ['--import', 'tsx'] })
const person = (name: string): UserRow => ({
  id: newId() as UserId,
  tenant: 't',
  name,
  login: null,
  contact: 'anyone',
  receipts: 'shown',
  picture: null,
  bannedAt: null,
  deletedAt: null,
  createdAt: 1,
  lastLoginAt: 1,
  lastSeenAt: null,
})

describe('the SQLite file', () => {
  it('is made with its directory when there is none', async () => {
    await openAt(join(dir, 'a', 'b'))
    expect(readdirSync(join(dir, 'a', 'b'))).toContain('tidemark.db')
  })

  it('holds everything that was acknowledged before a kill -9', async () => {
    for (let round = 0; round < 3; round++) {
      rmSync(dir, { recursive: true, force: true })
      const acknowledged: UserId[] = []
      const child = (holder = hold())
      await new Promise<void>((done) =>
        child.on('message', (id: UserId | 'open') => {
          if (id !== 'open') acknowledged.push(id)
          if (acknowledged.length === 100 * (round + 1)) done()
        }),
      )
      child.kill('SIGKILL')
      await once(child, 'exit')
      const store = await openAt(dir)
      const found = await store.read(async (tx) => {
        const rows = []
        for (const id of acknowledged) rows.push(await tx.user(id))
        return rows
      })
      expect(found.map((row) => row?.id)).toEqual(acknowledged)
      await store.close()
    }
  })

  it('of an earlier version is searched like any other, opens again after any change, and can be copied', async () => {
    const conv = 'c' as ConversationId
    const ann = person('Ann')
    const message = (seq: number, body: string): ChatMessage => {
      const [id, clientId] = [newId() as MessageId, newId() as ClientId]
      return { id, clientId, conv, seq, sender: ann.id, senderName: 'Ann', body, sentAt: 1, at: 10 - seq, version: seq }
    }
    const [one, two] = [message(1, 'meet at Loughborough'), message(2, 'or in Loughton')]
    const facts = {
      tenant: 't',
      kind: 'group',
      name: 'G',
      picture: null,
      createdAt: 1,
      rev: 2,
      seq: 2,
      h: CHAIN_START,
      floorRev: 0,
      marksRev: 0,
      changedAt: 1,
    } as const
    const store = await openSqliteStore({ dir, newId })
    await store.transact(async (tx) => {
      await tx.insertUser(ann)
      await tx.insertConversation({ id: conv, ...facts })
      await tx.insertMember({ conv, user: ann.id, role: 'owner', joinedRev: 0, visibleFrom: 0, leftRev: null, delivered: 0, read: 0, isAsked: false })
      for (const each of [one, two]) await tx.insertMessage(each, { bodyHash: 'b', h: CHAIN_START })
    })
    await store.close()
    const before = openDatabase(join(dir, 'tidemark.db'))
    before.exec(
      `DROP TABLE words; DROP TABLE searched; DROP TABLE files; ALTER TABLE messages DROP COLUMN files; ALTER TABLE members DROP COLUMN is_muted;
      DROP TABLE pushes; ALTER TABLE conversations DROP COLUMN pushed_seq; DROP TABLE group_pictures; ALTER TABLE conversations DROP COLUMN picture;
      ALTER TABLE users DROP COLUMN receipts; ALTER TABLE members DROP COLUMN read_shown;
      UPDATE meta SET v = '6' WHERE k = 'schema'`,
    )
    before.close()

    const found = async (now: Store, text: string) =>
      (await now.read((tx) => tx.search(termsOf(text), { reader: ann.id, convs: [conv], limit: 9 }))).map(({ seq }) => seq)
    let now = await openSqliteStore({ dir, newId })
    // in the order of their times
    expect(await found(now, 'lough')).toEqual([1, 2])
    for (const [change, text, seqs] of [
      [{ ...one, body: 'at Derby', version: 3, editedAt: 3 }, 'lough', [2]],
      [{ ...two, body: '', version: 4, deletedAt: 4 }, 'lough', []],
      [{ ...one, body: '', version: 5, deletedAt: 5 }, 'derby', []],
    ] as const) {
      await now.transact((tx) => tx.updateMessage(change))
      await now.close()
      now = await openSqliteStore({ dir, newId })
      expect(await found(now, text)).toEqual(seqs)
      expect(backUp({ dir, file: join(dir, `backup-${change.version}`) })).toBeGreaterThan(0)
    }
    await now.close()
  })

  it('can be used by another process once it is closed', async () => {
    const store = await openAt(dir)
    await store.close()
    holder = hold()
    const [first] = (await once(holder, 'message')) as [string]
    expect(first).toBe('open')
  })

  it('full: refuses what does not fit, acknowledges nothing of it, and goes on reading', async () => {
    const store = await openAt(dir, 80)
    const names: string[] = []
    const add = (length: number) => store.transact((tx) => tx.insertUser(person('x'.repeat(length)))).then(() => names.push('stored'))
    await expect(
      (async () => {
        for (;;) await Promise.all([add(3000), add(3000)])
      })(),
    ).rejects.toMatchObject({ name: 'Error', reason: 'full' })
    const stored = names.length
    expect(stored).toBeGreaterThan(10)
    await expect(store.transact((tx) => tx.insertUser(person('x'.repeat(100_000))))).rejects.toMatchObject({ reason: 'full' })
    await store.close()

    const reopened = await openAt(dir)
    const small = person('fits now')
    await reopened.transact((tx) => tx.insertUser(small))
    expect(await reopened.read((tx) => tx.user(small.id))).toEqual(small)
  })

  it('full: the transactions that shared the commit are refused too, because it never happened', async () => {
    const store = await openAt(dir, 60)
    const small = person('small')
    const outcomes = await Promise.allSettled([
      store.transact((tx) => tx.insertUser(small)),
      store.transact((tx) => tx.insertUser(person('x'.repeat(400_000)))),
    ])
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { reason: 'full' } },
      { status: 'rejected', reason: { reason: 'full' } },
    ])
    expect(await store.read((tx) => tx.user(small.id))).toBeUndefined()
    await store.transact((tx) => tx.insertUser(small))
    expect(await store.read((tx) => tx.user(small.id))).toEqual(small)
  })
})

describe('a start that can not succeed says why in one sentence', () => {
  async function sentenceOf(start: Promise<unknown>): Promise<string> {
    const error = await start.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(StartError)
    return (error as StartError).message
  }

  it('when the file is no database', async () => {
    writeFileSync(join(dir, 'tidemark.db'), 'this was never a database '.repeat(400))
    expect(await sentenceOf(openAt(dir))).toMatch(/tidemark\.db can't be read, it may be damaged: restore a backup/)
  })

  it('when there is no space for it', async () => {
    expect(await sentenceOf(openAt(dir, 5))).toMatch(/no space left for the database .*: free some/)
    await openAt(dir)
  })

  it('when another program has locked it', async () => {
    await (await openAt(dir)).close()
    const other = openDatabase(join(dir, 'tidemark.db'))
    other.exec('BEGIN IMMEDIATE')
    expect(await sentenceOf(openAt(dir))).toMatch(/locked by another program: close that/)
    other.exec('ROLLBACK')
    other.close()
  })

  it('when it was written by a newer version', async () => {
    await (await openAt(dir)).close()
    const db = openDatabase(join(dir, 'tidemark.db'))
    db.exec(`UPDATE meta SET v = '99' WHERE k = 'schema'`)
    db.close()
    expect(await sentenceOf(openAt(dir))).toMatch(/written by a newer version/)
  })

  it('when the file lost its end', async () => {
    const store = await openAt(dir)
    for (let i = 0; i < 50; i++) await store.transact((tx) => tx.insertUser(person('x'.repeat(3000))))
    await store.close()
    const file = join(dir, 'tidemark.db')
    truncateSync(file, Math.floor(statSync(file).size / 2))
    expect(await sentenceOf(openAt(dir))).toMatch(/may be damaged/)
  })

  it('when the directory can not be one', async () => {
    writeFileSync(join(dir, 'file'), '')
    expect(await sentenceOf(openAt(join(dir, 'file', 'data')))).toMatch(/can't be written: make it writable, or set DATA_DIR/)
  })

  it('when another process uses the directory, and only as long as that one lives', async () => {
    holder = hold()
    await once(holder, 'message')
    expect(await sentenceOf(openAt(dir))).toMatch(/Another process is already using/)
    holder.kill('SIGKILL')
    await once(holder, 'exit')
    await openAt(dir)
  })

  it('but not when the same process is about to close its other store', async () => {
    const before = await openAt(dir)
    const after = await openAt(dir)
    const ann = person('Ann')
    await after.transact((tx) => tx.insertUser(ann))
    expect(await before.read((tx) => tx.user(ann.id))).toEqual(ann)
    await before.close()
    await expect(after.check()).resolves.toBeUndefined()
  })
})
