import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createServer, type ViteDevServer } from 'vite'
import { WebSocket } from 'ws'
import { dial, until } from '#server/testing/dial.ts'
import type { Guest } from '#server/testing/signInGuest.ts'
import { tidemarkServer } from './vitePlugin.ts'

let vite: ViteDevServer
let url: string
const dir = mkdtempSync(join(tmpdir(), 'tidemark-vite-'))

beforeAll(async () => {
  vi.stubEnv('DATA_DIR', dir)
  vi.stubEnv('LOG_LEVEL', 'silent')
  vite = await createServer({
    configFile: false,
    logLevel: 'silent',
    plugins: [tidemarkServer()],
    optimizeDeps: { noDiscovery: true },
    server: { host: '127.0.0.1', port: 0, watch: { ignored: () => true } },
  })
  await vite.listen()
  url = `http://127.0.0.1:${(vite.httpServer!.address() as AddressInfo).port}`
})
afterAll(async () => {
  await vite.close()
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true, force: true })
})

async function guest(): Promise<Guest> {
  const deviceId = randomUUID()
  const response = await fetch(`${url}/api/session/guest`, { method: 'POST', body: JSON.stringify({ deviceId }) })
  return { ...((await response.json()) as Guest), deviceId }
}
const edit = (file: string): void => void vite.watcher.emit('change', resolve(file))

describe('the server inside vite dev', () => {
  it('answers beside the pages', async () => {
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: 'ok' })
    expect((await fetch(`${url}/src/client/main.tsx`, { headers: { accept: '*/*' } })).status).toBe(200)
    expect((await fetch(`${url}/api/nothing`)).status).toBe(404)
  })

  it('is swapped by an edit below src/server or src/protocol: clients come back, the channel of hot updates stays', async () => {
    const somebody = await guest()
    const hot = new WebSocket(`${url.replace('http', 'ws')}/?token=${vite.config.webSocketToken}`, 'vite-hmr')
    await new Promise((resolve) => hot.once('open', resolve))
    for (const file of ['src/server/domain/postMessages.ts', 'src/protocol/limits.ts']) {
      const caller = await dial({ url }, somebody)
      edit(file)
      const { code, reconnectInMs } = await caller.hears('server:farewell')
      expect(code).toBe('DRAIN')
      expect(reconnectInMs).toBeGreaterThanOrEqual(100)
      expect(reconnectInMs).toBeLessThanOrEqual(300)
      expect(await caller.gone).toBe('transport close')
      await until(async () => (await fetch(`${url}/health/ready`)).ok)
      const back = await dial({ url }, somebody)
      expect((await back.get('probe', { t: 1 })).t).toBe(1)
      back.hangUp()
    }
    expect(hot.readyState).toBe(WebSocket.OPEN)
    hot.close()
  })

  it('is left alone by edits of what it does not import', async () => {
    const caller = await dial({ url }, await guest())
    edit('src/server/config.test.ts')
    edit('README.md')
    // an edit that does matter comes through, alone
    edit('src/server/app.ts')
    await caller.hears('server:farewell')
    expect(caller.heard('server:farewell')).toHaveLength(1)
    await caller.gone
    await until(async () => (await fetch(`${url}/health/ready`)).ok)
  })
})
