import { statSync } from 'node:fs'
import { join } from 'node:path'
import { startServer, type TestServer } from '#e2e/support/server.ts'
import type { History } from './history.ts'
import { pause } from './plan.ts'

/** The server under attack. One attack at a time; after each it runs again, unless it is said otherwise. */
export type Victim = TestServer & {
  kill: (how: { downMs: number }) => Promise<void>
  /** Stops its process for this long, as a machine that swaps does. */
  stall: (ms: number) => Promise<void>
  /** Its disk is full for this long. */
  fillDisk: (ms: number) => Promise<void>
  /** Restarts it as an operator does. */
  drain: () => Promise<void>
  /** From a crash on, its clock is this wrong. */
  shiftClock: (ms: number) => Promise<void>
  /** Nothing is wrong with its machine any more. */
  recover: () => Promise<void>
}

const PAGE_BYTES = 4096
/** Loaded before the server's own code: its clock goes wrong, and it says which process it is, so that it can be stopped and continued. */
const PRELOAD = `
  const offset = Number(process.env.CHAOS_CLOCK_MS ?? 0)
  const TrueDate = Date
  globalThis.Date = class extends TrueDate {
    constructor(...parts) {
      if (parts.length === 0) super(TrueDate.now() + offset)
      else super(...parts)
    }
    static now() {
      return TrueDate.now() + offset
    }
  }
  process.stdout.write(JSON.stringify({ msg: 'chaos_process', pid: process.pid }) + '\\n')
`

export async function startVictim(env: Record<string, string>, history: History): Promise<Victim> {
  let clockMs = 0
  const server = await startServer({
    env: { ...env, NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(PRELOAD)}`, LOG_LEVEL: 'warn' },
  })
  const start = (more: Record<string, string> = {}) => server.start({ CHAOS_CLOCK_MS: String(clockMs), ...more })

  async function kill(): Promise<void> {
    history.add({ kind: 'kill' })
    await server.kill9()
  }
  const processId = (): number => Number(server.logs().findLast(({ msg }) => msg === 'chaos_process')?.['pid'])

  return {
    ...server,
    kill: async ({ downMs }) => {
      await kill()
      await pause(downMs)
      await start()
    },
    stall: async (ms) => {
      const pid = processId()
      process.kill(pid, 'SIGSTOP')
      await pause(ms)
      process.kill(pid, 'SIGCONT')
    },
    fillDisk: async (ms) => {
      await kill()
      // the write-ahead log holds pages beyond the file; the engine never sets the limit below what is there
      const pages = Math.ceil(statSync(join(server.dataDir, 'tidemark.db')).size / PAGE_BYTES)
      await start({ DATABASE_MAX_PAGES: String(pages + 2) })
      await pause(ms + 500)
      await kill()
      await start()
    },
    drain: async () => {
      await server.stop()
      await start()
    },
    shiftClock: async (ms) => {
      clockMs = ms
      await kill()
      await start()
    },
    recover: async () => {
      if (clockMs === 0) return
      clockMs = 0
      await kill()
      await start()
    },
  }
}
