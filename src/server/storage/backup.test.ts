import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LOBBY, uuidv7, type DeviceId } from '#protocol/ids.ts'
import { ban } from '#server/domain/operators.ts'
import { postMessages } from '#server/domain/postMessages.ts'
import { createGuest, REFRESH_GRACE_MS, refreshSession, revokeSession, verifySession, type SignedIn } from '#server/domain/sessions.ts'
import { code } from '#server/testing/code.ts'
import { openTestCore, type TestCore } from '#server/testing/testCore.ts'
import { backUp, restore } from './backup.ts'
import { openSqliteStore } from './openSqliteStore.ts'
import { openDatabase } from './sqliteDriver.ts'
import { StartError } from './startError.ts'

const NOW = new Date('2026-03-04T05:06:07.890Z')
const device = '00000000-0000-4000-8000-000000000001' as DeviceId
const newId = () => uuidv7(Date.now(), (bytes) => void crypto.getRandomValues(bytes))

let folder: string
let dir: string
let backup: string
let core: TestCore
let ann: SignedIn
const open = async () => void (core = await openTestCore(() => openSqliteStore({ dir, newId })))
const bring = (now = NOW) => restore({ dir, file: backup, newId, now })

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "tidemark's-backup-"))
  dir = join(folder, 'data')
  backup = join(folder, 'a backup.db')
  await open()
  ann = await createGuest(core, { device, tokenHash: 't1' })
})
afterEach(async () => {
  await core.store.close()
  rmSync(folder, { recursive: true })
})

async function says(body: string): Promise<void> {
  const who = {
    user: ann.user.id,
    tenant: ann.user.tenant,
    session: ann.session.id,
    device,
    tab: newId() as never,
    permissions: ['message:send'] as const,
  }
  await postMessages(core, who, { conv: LOBBY, messages: [core.draft(body)] })
}
const said = () =>
  core.store.read(async (tx) => (await tx.messages(LOBBY, { after: 0, before: 99, limit: 99, from: 'start' })).map(({ body }) => body))
const refresh = (tokenHash: string, newTokenHash: string) => code(refreshSession(core, { tokenHash, madeFor: ann.session.id, newTokenHash, device }))

describe('a backup', () => {
  it('of a server at work holds what was acknowledged before it, and is for nobody else’s eyes', async () => {
    await says('before')
    const later = says('meanwhile')
    expect(backUp({ dir, file: backup })).toBe(statSync(backup).size)
    await later
    await says('after')
    expect(statSync(backup).mode & 0o777).toBe(0o600)
    expect(statSync(join(dir, 'tidemark.db')).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder).toSorted()).toEqual(['a backup.db', 'data'])
    await core.store.close()
    bring()
    await open()
    expect((await said())[0]).toBe('before')
    expect(await said()).not.toContain('after')
  })

  it('that is restored is told from the database before, which is kept beside it, whole', async () => {
    await says('before')
    backUp({ dir, file: backup })
    await says('after')
    const { epoch } = core.store
    await core.store.close()
    const kept = bring()
    expect(kept).toBe(join(dir, 'tidemark.db.2026-03-04T05-06-07-890Z'))
    await open()
    expect(core.store.epoch).not.toBe(epoch)
    expect(await said()).toEqual(['before'])
    const before = openDatabase(kept!)
    expect(before.prepare<{ body: string }>('SELECT body FROM messages ORDER BY seq').all()).toEqual([{ body: 'before' }, { body: 'after' }])
    before.close()
  })

  it('keeps everybody signed in, with whatever token they were given last, and ends for both who show one', async () => {
    backUp({ dir, file: backup })
    expect(await refresh('t1', 't2')).toBe('ok')
    expect(await refresh('t2', 't3')).toBe('ok')
    await core.store.close()
    bring()
    await open()
    expect(await refresh('t3', 't4')).toBe('ok')
    expect(await refresh('t3', 'by another tab')).toBe('ok')
    expect(await refresh('t4', 't5')).toBe('ok')
    expect(await refresh('t2', 'of a thief')).toBe('E_AUTH_INVALID')
    expect(await refresh('t5', 't6')).toBe('E_DEVICE_REVOKED')
  })

  it('brings back nobody who was signed out or banned since, nor a token that was no good any more', async () => {
    expect(await refresh('t1', 't2')).toBe('ok')
    expect(await refresh('t2', 't3')).toBe('ok')
    core.advance(REFRESH_GRACE_MS + 1)
    const [eve, mallory] = [await core.person('Eve'), await core.person('Mallory')]
    backUp({ dir, file: backup })
    await revokeSession(core, eve.session)
    await ban(core, mallory)
    await core.store.close()
    bring(new Date(core.now()))
    await open()
    core.advance(REFRESH_GRACE_MS + 1)
    expect(await code(verifySession(core, eve.session))).toBe('E_DEVICE_REVOKED')
    expect(await code(verifySession(core, mallory.session))).toBe('E_BANNED')
    expect(await refresh('t1', 'of a thief'), 'shown before the person came').toBe('E_AUTH_INVALID')
    expect(await refresh('t3', 't4')).toBe('E_DEVICE_REVOKED')
  })

  it('may be any database of ours, the one that was kept as well, with what lies beside it', async () => {
    await says('before')
    backUp({ dir, file: backup })
    await says('after')
    await core.store.close()
    const kept = bring()!
    expect(existsSync(kept)).toBe(true)
    const epochs = new Set<string>()
    // a log that was not folded in, as a kill leaves it
    const live = openDatabase(kept)
    live.exec("PRAGMA journal_mode = WAL; UPDATE users SET name = 'Anna in the log'")
    expect(statSync(`${kept}-wal`).size).toBeGreaterThan(0)
    for (const n of [1, 2]) {
      restore({ dir, file: kept, newId, now: new Date(NOW.getTime() + n) })
      await open()
      epochs.add(core.store.epoch)
      expect(await said()).toEqual(['before', 'after'])
      expect(await core.store.read(async (tx) => (await tx.user(ann.user.id))?.name)).toBe('Anna in the log')
      expect(await refresh(`never seen ${n}`, 'x')).toBe('ok')
      await core.store.close()
    }
    live.close()
    expect(epochs.size).toBe(2)
    await open()
  })

  it('is not mixed with the log of a database that was moved away', async () => {
    await says('before')
    backUp({ dir, file: backup })
    const live = openDatabase(join(dir, 'tidemark.db'))
    live.exec("UPDATE users SET name = 'of the lost one'")
    copyFileSync(join(dir, 'tidemark.db-wal'), join(folder, 'log'))
    live.close()
    await core.store.close()
    copyFileSync(join(folder, 'log'), join(dir, 'tidemark.db-wal'))
    rmSync(join(dir, 'tidemark.db'))
    bring()
    await open()
    expect(await said()).toEqual(['before'])
    expect(await core.store.read(async (tx) => (await tx.user(ann.user.id))?.name)).toBe(ann.user.name)
  })

  it('starts a folder that was empty', async () => {
    await says('before')
    backUp({ dir, file: backup })
    await core.store.close()
    dir = join(folder, 'another machine')
    expect(bring()).toBeNull()
    await open()
    expect(await said()).toEqual(['before'])
  })
})

describe('in a sentence, with everything as it was,', () => {
  const refused = (work: () => unknown, sentence: RegExp) => {
    expect(work).toThrow(StartError)
    expect(work).toThrow(sentence)
  }

  it('nothing is written over a file, from a folder without a database, or where nothing can be written', () => {
    writeFileSync(backup, 'something')
    refused(() => backUp({ dir, file: backup }), /is there already: name another file/)
    refused(() => backUp({ dir: folder, file: join(folder, 'b.db') }), /There is no database in/)
    refused(() => backUp({ dir, file: join(folder, 'missing', 'b.db') }), /could not be written/)
    expect(readdirSync(folder).toSorted()).toEqual(['a backup.db', 'data'])
  })

  it('nothing is restored from a file that is missing, something else or damaged', async () => {
    await says('stays')
    refused(() => bring(), /There is no file/)
    writeFileSync(backup, 'something else')
    refused(() => bring(), /could not be restored/)
    rmSync(backup)
    const strange = openDatabase(backup)
    strange.exec('CREATE TABLE something (x)')
    strange.close()
    refused(() => bring(), /no whole database of Tidemark/)
    expect(readdirSync(dir).filter((name) => name.includes('restoring'))).toEqual([])
    expect(await said()).toEqual(['stays'])
  })

  it('no server starts where a restore was killed in the middle, until it has run again', async () => {
    await says('stays')
    backUp({ dir, file: backup })
    await core.store.close()
    writeFileSync(join(dir, 'tidemark.db.restoring'), 'half of it')
    await expect(open()).rejects.toThrow(/broke off: run it again/)
    refused(() => backUp({ dir, file: join(folder, 'another.db') }), /broke off/)
    refused(() => restore({ dir, file: join(folder, 'missing.db'), newId, now: NOW }), /There is no file/)
    writeFileSync(join(folder, 'nonsense'), 'nonsense')
    refused(() => restore({ dir, file: join(folder, 'nonsense'), newId, now: NOW }), /could not be restored/)
    await expect(open()).rejects.toThrow(/broke off: run it again/)
    bring()
    await open()
    expect(await said()).toEqual(['stays'])
  })

  it('nothing is restored under a server that is running', async () => {
    await says('stays')
    backUp({ dir, file: backup })
    const elsewhere = openDatabase(join(dir, 'lock.db'))
    await core.store.close()
    elsewhere.exec('BEGIN EXCLUSIVE')
    refused(() => bring(), /another/i)
    elsewhere.close()
    expect(existsSync(join(dir, 'tidemark.db.part'))).toBe(false)
    await open()
    expect(await said()).toEqual(['stays'])
  })
})
