import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

type Chunk = { file: string; isEntry?: boolean; imports?: string[]; css?: string[] }

/** What a person downloads before the first message can be sent: gzipped bytes of the entry, all it imports statically, and their CSS. */
export type Weight = { js: number; css: number }

export const BUDGET: Weight = { js: 150_000, css: 10_000 }

/** Weighs a client build. `folder` holds `.vite/manifest.json`. */
export async function weigh(folder: string): Promise<Weight> {
  const manifest = JSON.parse(await readFile(join(folder, '.vite/manifest.json'), 'utf8')) as Record<string, Chunk>
  const initial = new Set<Chunk>()
  const visit = (chunk: Chunk | undefined) => {
    if (!chunk || initial.has(chunk)) return
    initial.add(chunk)
    for (const name of chunk.imports ?? []) visit(manifest[name])
  }
  Object.values(manifest)
    .filter((chunk) => chunk.isEntry)
    .forEach(visit)

  const gzipped = async (files: Iterable<string>) => {
    let bytes = 0
    for (const file of new Set(files)) bytes += gzipSync(await readFile(join(folder, file))).length
    return bytes
  }
  const chunks = [...initial]
  return { js: await gzipped(chunks.map(({ file }) => file)), css: await gzipped(chunks.flatMap(({ css }) => css ?? [])) }
}

export function verdict(weight: Weight): { ok: boolean; words: string } {
  const part = (name: 'js' | 'css') => `${(weight[name] / 1000).toFixed(1)} of ${BUDGET[name] / 1000} kB ${name.toUpperCase()}`
  return { ok: weight.js > 0 && weight.js <= BUDGET.js && weight.css <= BUDGET.css, words: `first load, gzip: ${part('js')}, ${part('css')}` }
}
