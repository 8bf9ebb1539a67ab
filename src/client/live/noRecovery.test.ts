import { readdirSync, readFileSync } from 'node:fs'
import { join as path } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LOBBY } from '#protocol/ids.ts'
import { draft, join } from '#server/testing/dial.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'

let server: TestServer
beforeEach(async () => {
  server = await startServer({ env: { ORIGINS: location.origin } })
})
afterEach(() => server.stop())

describe('Socket.IO’s recovery of connections', () => {
  it('is off: a connection that was cut is a new one, and is replayed nothing', async () => {
    const [ann, bob] = [await join(server, 'Ann'), await join(server, 'Bob')]
    const say = (body: string) => bob.get('message:send', { conv: LOBBY, messages: [draft(body)] })
    // something it could go on from
    await say('before')
    await ann.hears('log:events')
    const { id } = ann.socket
    ann.socket.io.engine.close()
    expect(await ann.gone).toBe('forced close')
    await say('while she was away')

    const back = new Promise((resolve) => void ann.socket.once('connect', () => resolve(undefined)))
    ann.socket.connect()
    await back
    expect(ann.socket.recovered).not.toBe(true)
    expect(ann.socket.id).not.toBe(id)
    // asked and answered: whatever had been replayed would be here
    await ann.get('hello', { epoch: null, urev: 0, convs: {} })
    expect(ann.heard('log:events')).toHaveLength(1)
    for (const caller of [ann, bob]) caller.hangUp()
  })

  it('is named nowhere in the code: what was missed comes by cursors and nothing else', () => {
    const root = path(import.meta.dirname, '..', '..')
    const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.test.ts'))
    expect(files.length).toBeGreaterThan(100)
    expect(files.filter((name) => /connectionStateRecovery|\.recovered\b/.test(readFileSync(path(root, name), 'utf8')))).toEqual([])
  })
})
