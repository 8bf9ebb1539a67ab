import { execFileSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createBuilder } from 'vite'

export const ROOT = resolve(import.meta.dirname, '../..')

/** The production build plus `window.__tidemark`: what every test from outside runs against. */
export const QA_MAIN = join(ROOT, 'dist-qa/server/main.js')

const SOURCES = ['src', 'public', 'index.html', 'vite.config.ts', 'package.json', 'package-lock.json']

/** Builds the same sources once more, as of now: another build, in a folder of this worker's own. Resolves to the server to start. */
export async function buildNext(): Promise<string> {
  const out = join(ROOT, '.cache', `next-build-${process.env.TEST_PARALLEL_INDEX}`)
  const builder = await createBuilder({
    root: ROOT,
    mode: 'qa',
    logLevel: 'error',
    environments: { client: { build: { outDir: join(out, 'client') } }, ssr: { build: { outDir: join(out, 'server') } } },
  })
  await builder.buildApp()
  return join(out, 'server/main.js')
}

/** Builds `dist-qa/` unless it is newer than everything it is made of. */
export function buildForTests(): void {
  if (changedAt(QA_MAIN) > Math.max(...SOURCES.map((path) => newestIn(join(ROOT, path))))) return
  execFileSync(process.execPath, [join(ROOT, 'node_modules/vite/bin/vite.js'), 'build', '--app', '--mode', 'qa', '--logLevel', 'warn'], {
    cwd: ROOT,
    stdio: 'inherit',
  })
}

function newestIn(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (!stats) return 0
  if (!stats.isDirectory()) return stats.mtimeMs
  // a folder's own time tells of files that went
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newestIn(join(path, name))))
}

const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
