import { fileURLToPath } from 'node:url'
import type { Dialect } from './dialect.ts'
import { plain } from './plain.ts'
import { tidemark } from './tidemark.ts'

/** What is built for a run: ours, the baselines and the probe. */
export const SOURCES = {
  ours: 'src/server/main.ts',
  bare: 'e2e/bench/contenders/bare.ts',
  groupCommit: 'e2e/bench/contenders/groupCommit.ts',
  textbook: 'e2e/bench/contenders/textbook.ts',
  probe: 'e2e/bench/probe.ts',
}
/** Apart from anybody else's build, and inside the project, so that packages are found. */
export const BUILT_DIR = fileURLToPath(new URL('../../node_modules/.cache/bench', import.meta.url))
export const builtFile = (source: keyof typeof SOURCES): string => `${BUILT_DIR}/${source}.js`

/** A server under test: what is started, and how people talk to it. */
export type Contender = { name: string; source: keyof typeof SOURCES; env: Record<string, string>; dialect: Dialect }

const oneByOne = plain({ batch: 1 })

export const CONTENDERS = {
  /** As it runs in production, except that nobody's flood is slowed down. */
  ours: { name: 'ours', source: 'ours', env: { LIMIT_MESSAGES: '1000000/1000000' }, dialect: tidemark },
  bare: { name: 'bare', source: 'bare', env: {}, dialect: oneByOne },
  bareInBatches: { name: 'bareInBatches', source: 'bare', env: {}, dialect: plain({ batch: 20 }) },
  groupCommit: { name: 'bareGroupCommit', source: 'groupCommit', env: {}, dialect: oneByOne },
  textbook: { name: 'textbook', source: 'textbook', env: { COMMITS_ITSELF: '1' }, dialect: oneByOne },
} as const satisfies Record<string, Contender>
