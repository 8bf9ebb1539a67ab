import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { build } from 'vite'
import { compressedPages } from './compressedPages.ts'

it('what is built lies there squeezed too, and unpacks to the same', async () => {
  const root = mkdtempSync(join(tmpdir(), 'tidemark-build-'))
  try {
    writeFileSync(join(root, 'index.html'), '<!doctype html><script type="module" src="./main.js"></script>')
    writeFileSync(join(root, 'main.js'), `document.title = ${JSON.stringify('tide '.repeat(1_000))}`)
    await build({ root, configFile: false, logLevel: 'silent', plugins: [compressedPages()] })
    const assets = join(root, 'dist/assets')
    const script = readdirSync(assets).find((name) => name.endsWith('.js')) ?? ''
    const plain = readFileSync(join(assets, script))
    expect(brotliDecompressSync(readFileSync(join(assets, `${script}.br`)))).toEqual(plain)
    expect(gunzipSync(readFileSync(join(assets, `${script}.gz`)))).toEqual(plain)
    // what is small already stays alone
    expect(readdirSync(join(root, 'dist')).sort()).toEqual(['assets', 'index.html'])
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
})
