import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { servePages } from './pages.ts'

const undo: (() => void)[] = []
afterEach(() => {
  for (const each of undo.splice(0)) each()
})

async function serving(files: Record<string, string>, https = false): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), 'tidemark-pages-'))
  mkdirSync(join(dir, 'assets'))
  for (const [path, text] of Object.entries(files)) writeFileSync(join(dir, path), text)
  const server = createServer(servePages(dir, { https })).listen(0, '127.0.0.1')
  undo.push(() => {
    server.close()
    server.closeAllConnections()
    rmSync(dir, { recursive: true })
  })
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const FILES = {
  'index.html': '<!doctype html><title>Tidemark</title>',
  'assets/main-abc123.js': 'export {}',
  'assets/main-abc123.js.br': 'squeezed',
  'icon.svg': '<svg/>',
}

describe('the pages', () => {
  it('are the app for every path that is no file', async () => {
    const url = await serving(FILES)
    for (const path of ['/', '/chat/lobby', '/join/ABC', '/people/u1?x=1']) {
      const response = await fetch(url + path)
      expect([path, response.status, response.headers.get('content-type')]).toEqual([path, 200, 'text/html;charset=utf-8'])
      expect(await response.text()).toContain('<title>Tidemark</title>')
    }
  })

  it('are cached for ever where the name says what is inside, and asked after otherwise', async () => {
    const url = await serving(FILES)
    const cacheOf = async (path: string) => (await fetch(url + path)).headers.get('cache-control')
    expect(await cacheOf('/assets/main-abc123.js')).toBe('public, max-age=31536000, immutable')
    expect(await cacheOf('/')).toBe('no-cache')
    expect(await cacheOf('/icon.svg')).toBe('no-cache')
    const etag = (await fetch(`${url}/`)).headers.get('etag') ?? ''
    expect((await fetch(`${url}/`, { headers: { 'if-none-match': etag } })).status).toBe(304)
  })

  it('are sent squeezed to whoever can read that', async () => {
    const url = await serving(FILES)
    const response = await fetch(`${url}/assets/main-abc123.js`, { headers: { 'accept-encoding': 'identity' } })
    expect(response.headers.get('content-encoding')).toBeNull()
    // the body is not really brotli, so only the headers are looked at
    const squeezed = await fetch(`${url}/assets/main-abc123.js`, { method: 'HEAD', headers: { 'accept-encoding': 'br' } })
    expect(squeezed.headers.get('content-encoding')).toBe('br')
  })

  it('run only our own scripts, in nobody’s frame', async () => {
    const { headers } = await fetch(await serving(FILES))
    expect(headers.get('content-security-policy')).toMatch(/script-src 'self'(;|$)/)
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('referrer-policy')).toBe('same-origin')
    expect(headers.get('strict-transport-security')).toBeNull()
    expect((await fetch(await serving(FILES, true))).headers.get('strict-transport-security')).toMatch(/max-age/)
  })

  it('refuse what is not reading, and miss what is not there, in JSON', async () => {
    const url = await serving(FILES)
    expect((await fetch(`${url}/`, { method: 'POST' })).status).toBe(405)
    const response = await fetch(`${url}/assets/missing.js`)
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([404, 'E_NOT_FOUND'])
  })

  it('are missing politely when nothing was built', async () => {
    const response = await fetch(await serving({}))
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([404, 'E_NOT_FOUND'])
  })
})
