import type { Action } from '@reduxjs/toolkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { FileFacts } from '#protocol/files.ts'
import type { FileId } from '#protocol/ids.ts'
import { simulatedChannel, simulatedLocks } from '#testing/browserParts.ts'
import { clientId, conv, fileFacts as file, messageId } from '#testing/clientBuilders.ts'
import { virtualClock } from '#testing/virtualClock.ts'
import {
  filesKept,
  filesWritten,
  messageSaved,
  messageStored,
  messageWritten,
  outboxRowRemoved,
  retryRequested,
  roomsSynced,
  sendRefused,
  uploadProgressed,
  uploadRetryRequested,
  uploadsListed,
  uploadWithdrawn,
} from './facts.ts'
import type { TabMessage } from './tabs.ts'
import { openUploads, type SendFile, type SendOutcome, type UploadRow, type UploadStore } from './uploads.ts'

/** One person's browser: a storage, locks and a channel that all its tabs share. */
function browser() {
  const kept = { rows: new Map<string, UploadRow>(), blobs: new Map<FileId, Blob>() }
  const clock = virtualClock()
  const locks = simulatedLocks()
  const channel = simulatedChannel<TabMessage>()
  const world = { isBroken: false, kept, clock, withdrawn: [] as FileId[], sent: [] as { id: FileId; isBegun: boolean }[] }
  const store = (): UploadStore => ({
    rows: async () => structuredClone([...kept.rows.values()]),
    add: async (row, blobs) => {
      if (world.isBroken) throw new DOMException('full', 'QuotaExceededError')
      kept.rows.set(row.message.clientId, structuredClone(row))
      for (const { id, blob } of blobs) kept.blobs.set(id, blob)
    },
    change: async (row) => void (kept.rows.has(row.message.clientId) && kept.rows.set(row.message.clientId, structuredClone(row))),
    remove: async ({ message }) => {
      kept.rows.delete(message.clientId)
      for (const { id } of message.files) kept.blobs.delete(id)
    },
    blob: async (id) => kept.blobs.get(id),
    keepBlob: async (id, blob) => {
      if (world.isBroken) throw new DOMException('full', 'QuotaExceededError')
      kept.blobs.set(id, blob)
    },
    dropBlob: async (id) => void kept.blobs.delete(id),
    close: () => {},
  })

  /** `answer` stands for the server: what becomes of each file that is sent. */
  const tab = (answer: (id: FileId, more: Parameters<SendFile>[2]) => SendOutcome | Promise<SendOutcome>) => {
    const emitted: Action[] = []
    const troubles: unknown[] = []
    const uploads = openUploads({
      clock,
      store: store(),
      locks,
      lockName: 'files',
      channel: channel(),
      send: async ({ id }, _blob, more) => {
        world.sent.push({ id, isBegun: more.isBegun })
        return answer(id, more)
      },
      withdraw: (id) => void world.withdrawn.push(id),
      emit: (fact) => void emitted.push(fact),
      storageFailed: (error) => void troubles.push(error),
    })
    onTestFinished(uploads.close)
    return {
      uploads,
      emitted,
      troubles,
      write: (n: number, ...files: FileFacts[]) => {
        for (const { id } of files) uploads.choose(id, new Blob(['x']))
        uploads.handle(filesWritten({ conv, clientId: clientId(n), body: 'look', sentAt: n, files }))
      },
      written: () => emitted.filter(messageWritten.match).map(({ payload }) => payload),
      listed: () => emitted.filter(uploadsListed.match).at(-1)?.payload.uploads ?? [],
      progress: () => emitted.filter(uploadProgressed.match).map(({ payload }) => payload.sent),
    }
  }
  return Object.assign(world, { tab })
}
const never = () => new Promise<SendOutcome>(() => {})

describe('a message with files', () => {
  it('is written when all of them are with the server, and is kept until the outbox has it', async () => {
    const { tab, clock, kept } = browser()
    const answers: ((outcome: SendOutcome) => void)[] = []
    const { write, written, listed, uploads } = tab(() => new Promise((resolve) => answers.push(resolve)))
    write(1, file(1), file(2))
    await clock.advance(1)
    expect(listed()).toMatchObject([{ message: { clientId: clientId(1) }, refusal: null }])
    answers[0]!('done')
    await clock.advance(1)
    expect(written()).toEqual([])
    answers[1]!('done')
    await clock.advance(1)
    expect(written()).toEqual([{ conv, clientId: clientId(1), body: 'look', sentAt: clock.now() - 1, files: [file(1), file(2)], found: true }])
    expect(listed()).toEqual([])
    expect(kept.rows.size).toBe(1)
    uploads.handle(messageStored({ conv, clientId: clientId(1), id: messageId(1), seq: 1, at: 1 }))
    await clock.advance(1)
    expect([kept.rows.size, kept.blobs.size]).toEqual([0, 0])
  })

  it('waits for a line that failed, longer each time, and goes on with what the server knows', async () => {
    const { tab, clock, sent } = browser()
    let isUp = false
    const { write, written, uploads } = tab((_, { knownNow }) => {
      knownNow(true)
      return isUp ? 'done' : 'failed'
    })
    write(1, file(1))
    await clock.advance(1_000)
    expect(sent).toEqual([{ id: file(1).id, isBegun: false }])
    await clock.advance(60_000)
    const tries = sent.length
    expect(tries).toBeGreaterThan(3)
    expect(tries).toBeLessThan(8)
    expect(sent.slice(1).every(({ isBegun }) => isBegun)).toBe(true)
    isUp = true
    uploads.handle(roomsSynced({ at: 1, serverAt: 1 }))
    await clock.advance(1)
    expect(written()).toHaveLength(1)
  })

  it('that a page could not finish is finished by the next one, from where it was', async () => {
    const { tab, clock, sent } = browser()
    const first = tab((id, { knownNow }) => {
      knownNow(true)
      return id === file(1).id ? 'done' : never()
    })
    first.write(1, file(1), file(2))
    await clock.advance(1)
    first.uploads.close()
    const next = tab(() => 'done')
    await clock.advance(1)
    expect(sent.at(-1)).toEqual({ id: file(2).id, isBegun: true })
    expect(sent).toHaveLength(3)
    expect(next.written()).toMatchObject([{ clientId: clientId(1) }])
  })

  it('that was written, in a page that ended before the outbox had it, is written again under the same id', async () => {
    const { tab, clock, sent } = browser()
    const first = tab(() => 'done')
    first.write(1, file(1))
    await clock.advance(1)
    first.uploads.close()
    const next = tab(() => 'done')
    await clock.advance(1)
    expect([first.written(), next.written()]).toMatchObject([[{ clientId: clientId(1) }], [{ clientId: clientId(1) }]])
    expect(sent).toHaveLength(1)
  })

  it('is sent by one tab of several, and by another when that one is gone', async () => {
    const { tab, clock, sent } = browser()
    const [first, second] = [tab(never), tab(() => 'done')]
    await clock.advance(1)
    second.write(1, file(1))
    await clock.advance(1)
    expect(sent).toHaveLength(1)
    expect(first.listed()).toHaveLength(1)
    expect(second.written()).toEqual([])
    first.uploads.close()
    await clock.advance(1)
    expect(second.written()).toHaveLength(1)
    expect(sent).toHaveLength(2)
  })

  it('is passed by nobody’s files, and one that is refused holds up no other', async () => {
    const { tab, clock } = browser()
    const { write, written, listed, uploads } = tab((id) => (id === file(1).id ? { refused: 'E_TOO_BIG' } : 'done'))
    write(1, file(1))
    write(2, file(2))
    await clock.advance(1)
    expect(written().map(({ clientId: id }) => id)).toEqual([clientId(2)])
    expect(listed()).toMatchObject([{ message: { clientId: clientId(1) }, refusal: 'E_TOO_BIG' }])
    uploads.handle(uploadRetryRequested({ clientId: clientId(1) }))
    expect(listed()).toMatchObject([{ refusal: null }])
    await clock.advance(1)
    expect(listed()).toMatchObject([{ refusal: 'E_TOO_BIG' }])
  })

  it('can be taken back while it waits, and then nothing of it stays', async () => {
    const { tab, clock, kept, withdrawn } = browser()
    const signals: AbortSignal[] = []
    const { write, written, listed, uploads } = tab((_, { knownNow, signal }) => {
      knownNow(true)
      signals.push(signal)
      return never()
    })
    write(1, file(1))
    write(2, file(2))
    await clock.advance(1)
    uploads.handle(uploadWithdrawn({ conv, clientId: clientId(1), body: 'look' }))
    expect(signals[0]?.aborted).toBe(true)
    await clock.advance(1)
    expect(withdrawn).toEqual([file(1).id])
    expect([...kept.rows.keys()]).toEqual([clientId(2)])
    expect(listed()).toHaveLength(1)
    expect(written()).toEqual([])
  })

  it('is taken back in another tab than the one that sends it', async () => {
    const { tab, clock } = browser()
    let signal: AbortSignal | undefined
    const first = tab((_, more) => ((signal = more.signal), never()))
    const second = tab(never)
    first.write(1, file(1))
    await clock.advance(1)
    second.uploads.handle(uploadWithdrawn({ conv, clientId: clientId(1), body: 'look' }))
    await clock.advance(1)
    expect(signal?.aborted).toBe(true)
    expect(first.listed()).toEqual([])
  })

  it('goes out from memory when the storage does not take it, and that is told', async () => {
    const world = browser()
    world.isBroken = true
    const { write, written, troubles, emitted, uploads } = world.tab(() => 'done')
    write(1, file(1))
    await world.clock.advance(1)
    expect(written()).toHaveLength(1)
    expect(troubles).not.toEqual([])
    // until the server has it nothing but the draft outlives this page
    expect(emitted.some(filesKept.match)).toBe(false)
    uploads.handle(messageStored({ conv, clientId: clientId(1), id: messageId(1), seq: 1, at: 1 }))
    expect(emitted.filter(filesKept.match)).toHaveLength(1)
  })

  it('needs its draft no more once the outbox keeps it, unless another one of its conversation does', async () => {
    const world = browser()
    world.isBroken = true
    const { write, emitted, uploads } = world.tab(() => 'done')
    for (const n of [1, 2]) write(n, file(n))
    await world.clock.advance(1)
    uploads.handle(messageSaved({ conv, clientId: clientId(1) }))
    expect(emitted.some(filesKept.match)).toBe(false)
    uploads.handle(messageSaved({ conv, clientId: clientId(2) }))
    for (const n of [1, 2]) uploads.handle(messageStored({ conv, clientId: clientId(n), id: messageId(n), seq: n, at: 1 }))
    expect(emitted.filter(filesKept.match)).toHaveLength(1)
  })

  it('whose file is nowhere any more says so', async () => {
    const { tab, clock, kept } = browser()
    const first = tab(never)
    first.write(1, file(1))
    await clock.advance(1)
    first.uploads.close()
    kept.blobs.clear()
    const next = tab(() => 'done')
    await clock.advance(1)
    expect(next.listed()).toMatchObject([{ refusal: 'E_NOT_FOUND' }])
  })

  it('whose files the server has given up since they were uploaded is uploaded once more, from what is kept here, once', async () => {
    const { tab, clock, sent, kept } = browser()
    const { write, written, uploads, emitted } = tab(() => 'done')
    write(1, file(1))
    await clock.advance(1)
    const refused = sendRefused({ conv, clientId: clientId(1), code: 'E_NOT_FOUND' })
    uploads.handle(refused)
    await clock.advance(1)
    expect(sent).toHaveLength(2)
    expect(written()).toHaveLength(2)
    expect(emitted.some(retryRequested.match)).toBe(true)
    uploads.handle(refused)
    await clock.advance(1)
    expect(sent).toHaveLength(2)
    // until the person takes it back, or it is with the server
    expect(kept.blobs.size).toBe(1)
    uploads.handle(outboxRowRemoved({ conv, clientId: clientId(1) }))
    await clock.advance(1)
    expect([kept.rows.size, kept.blobs.size]).toEqual([0, 0])
  })

  it('that nobody but its tab has is sent by that one, though another one sends for all', async () => {
    const world = browser()
    const first = world.tab(never)
    await world.clock.advance(1)
    const second = world.tab(() => 'done')
    world.isBroken = true
    second.write(1, file(1))
    expect(second.uploads.holdsUnsaved()).toBe(true)
    await world.clock.advance(1)
    expect(second.written()).toHaveLength(1)
    expect(first.listed()).toEqual([])
  })

  it('lets another one go first when it has failed', async () => {
    const { tab, clock } = browser()
    const { write, written } = tab((id) => (id === file(1).id ? 'failed' : 'done'))
    write(1, file(1))
    write(2, file(2))
    await clock.advance(10_000)
    expect(written().map(({ clientId: id }) => id)).toEqual([clientId(2)])
  })

  it('is tried again when nothing has moved for a minute', async () => {
    const { tab, clock, sent } = browser()
    const { write } = tab((_, { signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve('failed'))))
    write(1, file(1))
    await clock.advance(70_000)
    expect(sent).toHaveLength(2)
  })

  it('says when it is kept, and not before: until then its draft is all that a page which ends would leave', async () => {
    const { tab, clock } = browser()
    const { write, emitted } = tab(never)
    write(1, file(1))
    expect(emitted.filter(filesKept.match)).toEqual([])
    await clock.advance(1)
    expect(emitted.filter(filesKept.match).map(({ payload }) => payload)).toEqual([{ conv }])
  })

  it('tells how far it is over all its files, a few times a second', async () => {
    const { tab, clock } = browser()
    const { write, progress } = tab(async (_, { progressed }): Promise<SendOutcome> => {
      for (let bytes = 10; bytes <= 100; bytes += 10) {
        progressed(bytes)
        await new Promise<void>((resolve) => void clock.after(100, resolve))
      }
      return 'done'
    })
    write(1, file(1), file(2))
    await clock.advance(3_000)
    expect(progress().length).toBeLessThan(10)
    expect(progress().at(-1)).toBeGreaterThan(150)
    expect(progress()).toEqual([...progress()].sort((a, b) => a - b))
  })
})

describe('a file that stands beside what is being written', () => {
  it('outlives its page, and goes out with a message of the next one', async () => {
    const { tab, clock, sent } = browser()
    const first = tab(never)
    first.uploads.choose(file(1).id, new Blob(['holiday']))
    expect(first.uploads.holdsUnsaved()).toBe(true)
    await clock.advance(1)
    expect(first.uploads.holdsUnsaved()).toBe(false)
    first.uploads.close()

    const next = tab(() => 'done')
    expect(await (await next.uploads.blob(file(1).id))?.text()).toBe('holiday')
    next.uploads.handle(filesWritten({ conv, clientId: clientId(1), body: '', sentAt: 1, files: [file(1)] }))
    await clock.advance(1)
    expect(sent.map(({ id }) => id)).toEqual([file(1).id])
    expect(next.written()).toHaveLength(1)
  })

  it('leaves nothing when it is let go', async () => {
    const { tab, clock, kept } = browser()
    const { uploads } = tab(never)
    uploads.choose(file(1).id, new Blob(['x']))
    uploads.letGo(file(1).id)
    await clock.advance(1)
    expect(kept.blobs.size).toBe(0)
    expect([await uploads.blob(file(1).id), uploads.holdsUnsaved()]).toEqual([undefined, false])
  })

  it('that the storage does not take is at hand as long as its page, which says that it holds what nobody else has', async () => {
    const world = browser()
    world.isBroken = true
    const { uploads, troubles } = world.tab(never)
    uploads.choose(file(1).id, new Blob(['x']))
    await world.clock.advance(1)
    expect(troubles).toHaveLength(1)
    expect(await (await uploads.blob(file(1).id))?.text()).toBe('x')
    expect(uploads.holdsUnsaved()).toBe(true)
  })
})
