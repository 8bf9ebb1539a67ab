import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const brotli = promisify(brotliCompress)
const squeeze = promisify(gzip)
/** Below this the headers weigh more than what is saved. */
const WORTH_BYTES = 1_024

/** Lays a `.br` and a `.gz` beside every built page, script and style, so that nothing is compressed while somebody waits. */
export function compressedPages(): Plugin {
  return {
    name: 'tidemark-compressed-pages',
    apply: 'build',
    applyToEnvironment: (environment) => environment.name === 'client',
    async writeBundle({ dir }, bundle) {
      if (dir === undefined) return
      const files = Object.keys(bundle).filter((name) => /\.(html|js|css|svg|json|webmanifest)$/.test(name))
      await Promise.all(
        files.map(async (name) => {
          const path = join(dir, name)
          const text = await readFile(path)
          if (text.length < WORTH_BYTES) return
          const small = await brotli(text, {
            params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: text.length },
          })
          await Promise.all([writeFile(`${path}.br`, small), writeFile(`${path}.gz`, await squeeze(text, { level: 9 }))])
        }),
      )
    },
  }
}
