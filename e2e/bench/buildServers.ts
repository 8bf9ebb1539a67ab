import { createBuilder } from 'vite'
import { BUILT_DIR, SOURCES } from './contender.ts'

/** Builds every server under test, and the probe, the way ours is built for production; the pages are not needed. */
export async function buildServers(): Promise<void> {
  const builder = await createBuilder({
    logLevel: 'warn',
    environments: { ssr: { build: { outDir: BUILT_DIR, rolldownOptions: { input: SOURCES } } } },
  })
  await builder.build(builder.environments['ssr']!)
}
