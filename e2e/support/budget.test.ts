import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { BUDGET, verdict, weigh } from './budget.ts'

let folder = ''

afterEach(() => rm(folder, { recursive: true, force: true }))

async function build(manifest: object, files: Record<string, string>) {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-budget-'))
  await mkdir(join(folder, '.vite'))
  await writeFile(join(folder, '.vite/manifest.json'), JSON.stringify(manifest))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

const gzip = (...texts: string[]) => texts.reduce((bytes, text) => bytes + gzipSync(text).length, 0)

test('what is imported statically is weighed once, what is loaded later is not', async () => {
  const weight = await weigh(
    await build(
      {
        'index.html': { file: 'main.js', isEntry: true, imports: ['_a.js', '_b.js'], dynamicImports: ['lazy.ts'], css: ['main.css'] },
        '_a.js': { file: 'a.js', imports: ['_b.js'], css: ['b.css'] },
        '_b.js': { file: 'b.js', css: ['b.css'] },
        'lazy.ts': { file: 'lazy.js', isDynamicEntry: true, imports: ['_b.js'], css: ['lazy.css'] },
      },
      { 'main.js': 'main', 'a.js': 'aaaa', 'b.js': 'bbbbbb', 'lazy.js': 'lazy', 'main.css': 'html{}', 'b.css': 'b{}', 'lazy.css': 'i{}' },
    ),
  )
  expect(weight).toEqual({ js: gzip('main', 'aaaa', 'bbbbbb'), css: gzip('html{}', 'b{}') })
})

test('the budget may be used up, not exceeded', () => {
  expect(verdict(BUDGET).ok).toBe(true)
  expect(verdict({ ...BUDGET, js: BUDGET.js + 1 }).ok).toBe(false)
  expect(verdict({ ...BUDGET, css: BUDGET.css + 1 }).ok).toBe(false)
})

test('a build without any script has not been weighed', () => {
  expect(verdict({ js: 0, css: 0 }).ok).toBe(false)
})
