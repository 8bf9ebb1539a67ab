import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { RequestName } from '#protocol/events.ts'
import { REQUESTS } from '#protocol/requests.ts'
import { nonsenseFor, nonsensicalRequests, type NonsensicalRequest } from '#server/testing/nonsense.ts'
import { signInGuest, type Guest } from '#server/testing/signInGuest.ts'
import { LOBBY } from '#protocol/ids.ts'
import { openSqliteStore } from '#server/storage/openSqliteStore.ts'
import { dial, draft } from '#server/testing/dial.ts'

const undo: (() => void)[] = []
afterEach(() => {
  for (const each of undo.splice(0).reverse()) each()
})

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tidemark-main-'))
  undo.push(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

function made(file: string, text: string): string {
  writeFileSync(file, text)
  return file
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}

type Run = { child: ChildProcess; ready: Promise<string>; end: Promise<{ code: number | null; stdout: string; stderr: string }> }
function run(env: Record<string, string>, ...words: string[]): Run {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/server/main.ts', ...words], {
    env: { PATH: process.env['PATH'] ?? '', PORT: '0', LOG_LEVEL: 'silent', ...env },
    stdio: 'pipe',
  })
  undo.push(() => void child.kill('SIGKILL'))
  let [stdout, stderr] = ['', '']
  child.stderr.on('data', (chunk) => (stderr += String(chunk)))
  const ready = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk) => {
      stdout += String(chunk)
      const url = /^Tidemark is ready: (\S+)$/m.exec(stdout)?.[1]
      if (url) resolve(url)
    })
    child.once('exit', () => reject(new Error(`it ended: ${stderr}`)))
  })
  ready.catch(() => undefined)
  const end = once(child, 'close').then(([code]) => ({ code: code as number | null, stdout, stderr }))
  return { child, ready, end }
}

describe('a backup', () => {
  it('is made while people write, and holds all that was acknowledged before, up to one moment', async () => {
    const DATA_DIR = folder()
    const file = join(folder(), 'backup.db')
    const { ready, end, child } = run({ DATA_DIR, LIMIT_MESSAGES: '100000/100000' })
    const url = await ready
    const guest = await signInGuest(url, 'Ann')
    const headers = { authorization: `Bearer ${guest.accessToken}` }
    let stored = 0
    const writes = async () => {
      const messages = Array.from({ length: 3 }, () => draft(`${++stored}`))
      const answer = await fetch(`${url}/api/messages`, { method: 'POST', headers, body: JSON.stringify({ conv: LOBBY, messages }) })
      expect(answer.status).toBe(200)
    }
    await writes()
    const before = stored
    const backup = run({ DATA_DIR }, 'backup', file)
    let isDone = false
    void backup.end.then(() => (isDone = true))
    while (!isDone) await writes()
    expect(await backup.end).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('is backed up') as string })
    child.kill('SIGTERM')
    await end

    const another = folder()
    expect(await run({ DATA_DIR: another }, 'restore', file).end).toMatchObject({ code: 0, stderr: '' })
    const store = await openSqliteStore({ dir: another, newId: () => '' })
    const bodies = await store.read(async (tx) => {
      const messages = await tx.messages(LOBBY, { after: 0, before: 1e6, limit: 1e6, from: 'start' })
      return messages.map(({ body }) => Number(body))
    })
    await store.close()
    expect(bodies).toEqual(Array.from({ length: bodies.length }, (_, n) => n + 1))
    expect(bodies.length).toBeGreaterThanOrEqual(before)
    expect(bodies.length, 'people went on writing').toBeLessThan(stored)
  })

  it('that is asked for in other words is none', async () => {
    for (const words of [['backup'], ['restore'], ['copy', 'x'], ['backup', 'x', 'y']]) {
      expect(await run({ DATA_DIR: folder() }, ...words).end).toMatchObject({ code: 1, stderr: expect.stringContaining('backup FILE') as string })
    }
  })
})

const FRAMES = 10_000
const REQUESTS_OVER_HTTP = 2_000
/** What a process may have grown by whose collector of garbage comes when it likes; a kilobyte kept of each would be a third of it. */
const GROWTH_BYTES = 40 * 1024 * 1024

describe('nonsense in bulk', () => {
  it(
    `of ${FRAMES} frames and ${REQUESTS_OVER_HTTP} requests is answered with an error each, crashes nothing, and leaves no trace in memory`,
    { timeout: 240_000 },
    async () => {
      const { child, ready, end } = run({ DATA_DIR: folder(), LOG_LEVEL: 'error' })
      const url = await ready
      const guest = await signInGuest(url, 'Eve')
      const caller = await dial({ url }, guest)
      const names = Object.keys(REQUESTS) as RequestName[]
      const rss = async () => ((await (await fetch(`${url}/health`)).json()) as { memory: { rss: number } }).memory.rss

      /** Resolves to how many frames were sent. */
      async function sendFrames(perName: number): Promise<number> {
        let sent = 0
        for (const name of names) {
          const bad = nonsenseFor(name, perName)
          sent += bad.length
          while (bad.length > 0) {
            const answers = await Promise.all(bad.splice(0, 50).map((payload) => caller.socket.timeout(15_000).emitWithAck(name, payload)))
            for (const answer of answers) expect(answer).toMatchObject({ ok: false, code: 'E_INVALID' })
          }
        }
        return sent
      }
      async function sendRequests(count: number): Promise<void> {
        const requests = nonsensicalRequests(guest.user.id, count)
        const headers = { authorization: `Bearer ${guest.accessToken}` }
        const tryOne = async ({ path, method, body }: NonsensicalRequest) => {
          const answer = await fetch(url + path, { method, headers, ...(method !== 'GET' && { body }) })
          expect(answer.status, `${method} ${path}`).not.toBe(500)
          await answer.arrayBuffer()
        }
        while (requests.length > 0) await Promise.all(requests.splice(0, 25).map(tryOne))
      }

      await sendFrames(150)
      await sendRequests(200)
      const before = await rss()
      const sent = await sendFrames(900)
      await sendRequests(REQUESTS_OVER_HTTP)
      const after = await rss()
      expect(sent).toBeGreaterThan(FRAMES)
      expect(after - before, `${before} bytes before, ${after} after`).toBeLessThan(GROWTH_BYTES)
      caller.hangUp()
      child.kill('SIGTERM')
      expect(await end).toMatchObject({ code: 0, stderr: '' })
    },
  )
})

describe('the server process', () => {
  it('says where it is, answers there, and ends with 0 when asked to', async () => {
    const dir = join(folder(), 'made', 'by', 'itself')
    const { child, ready, end } = run({ DATA_DIR: dir })
    const url = await ready
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'ok' })
    expect((await fetch(`${url}/health/ready`)).status).toBe(200)
    expect(statSync(join(dir, 'secret')).mode & 0o777).toBe(0o600)
    const askedAt = performance.now()
    child.kill('SIGTERM')
    expect(await end).toMatchObject({ code: 0, stderr: '' })
    expect(performance.now() - askedAt, 'with nobody connected').toBeLessThan(1_000)
  })

  it('says farewell to everybody connected before it goes', async () => {
    const { child, ready, end } = run({ DATA_DIR: folder() })
    const url = await ready
    const deviceId = '018f0000-0000-7000-8000-000000000002'
    const guest = (await (await fetch(`${url}/api/session/guest`, { method: 'POST', body: JSON.stringify({ deviceId }) })).json()) as Guest
    const caller = await dial({ url }, { ...guest, deviceId })
    const askedAt = performance.now()
    child.kill('SIGINT')
    expect(await caller.hears('server:farewell')).toMatchObject({ code: 'DRAIN' })
    expect(await caller.gone).toBe('transport close')
    expect((await end).code).toBe(0)
    expect(performance.now() - askedAt, 'with the drain as it is set by itself').toBeLessThan(5_000)
  })

  it('lists every wrong setting and does not start', async () => {
    const { code, stdout, stderr } = await run({ DATA_DIR: folder(), PORT: 'abc', LOG_LEVEL: 'loud', PUBLIC_URL: 'https://chat.example.org' }).end
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringMatching(/^PORT must be/),
      expect.stringMatching(/^LOG_LEVEL must be/),
      expect.stringMatching(/^SECRET must be set/),
    ])
  })

  it('names a port that is taken, in one sentence', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    undo.push(() => void other.close())
    await once(other, 'listening')
    const { port } = other.address() as AddressInfo
    const { code, stderr } = await run({ DATA_DIR: folder(), PORT: String(port) }).end
    expect(code).toBe(1)
    expect(stderr).toBe(`Port ${port} on 127.0.0.1 is taken; stop the other program or set PORT to another one.\n`)
  })

  it.each<[string, () => string, RegExp]>([
    ['that is a file', () => made(join(folder(), 'file'), ''), /can't be written: make it writable, or set DATA_DIR to another directory/],
    ['where no folder can be made', () => '/proc/tidemark/data', /can't be written: make it writable, or set DATA_DIR to another directory/],
    ['where no file can be made', () => '/proc/self', /can't be written: make it writable, or set DATA_DIR to another directory/],
    ['with a damaged database', () => dirname(made(join(folder(), 'tidemark.db'), 'no database '.repeat(999))), /damaged: restore a backup, or move/],
    ['with a damaged lock', () => dirname(made(join(folder(), 'lock.db'), 'no lock '.repeat(999))), /can't be written|damaged/],
  ])('says in one sentence what is wrong with a data folder %s, and does not listen', async (_, dataDir, sentence) => {
    const port = await freePort()
    const child = run({ DATA_DIR: dataDir(), PORT: String(port) })
    const { code, stdout, stderr } = await child.end
    expect([code, stdout]).toEqual([1, ''])
    expect(stderr.trim().split('\n')).toEqual([expect.stringMatching(sentence)])
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow('fetch failed')
  })

  it('keeps out of a folder that another process uses, and leaves that one alone', async () => {
    const dir = folder()
    const first = run({ DATA_DIR: dir })
    const url = await first.ready
    const second = await run({ DATA_DIR: dir }).end
    expect([second.code, second.stdout]).toEqual([1, ''])
    expect(second.stderr).toMatch(/^Another process .+\.\n$/)
    expect((await fetch(`${url}/health/ready`)).status).toBe(200)
  })

  it('makes a folder that was deleted anew', async () => {
    const dir = folder()
    rmSync(dir, { recursive: true })
    const { ready } = run({ DATA_DIR: dir })
    expect((await fetch(`${await ready}/health/ready`)).status).toBe(200)
  })
})
