import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import Database from 'libsql'

/*
 * Loaded into every server under test before its own code: tells its memory, the processor time it used, and how often it committed. The
 * servers know nothing of it, so what they say about themselves need not be believed.
 */

/** `atMs`: when this was read, by the server's clock; a server that blocks answers late. */
export type Reading = { atMs: number; rss: number; heapUsed: number; external: number; cpuMs: number; commits: number }
/** `settle`: as `read`, after garbage collection. */
export type Question = 'read' | 'settle'

/** Finalizers run between collections, and V8 gives pages back a moment later. */
const COLLECTIONS = 3
const COLLECTION_PAUSE_MS = 150

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
const commitsItself = process.env['COMMITS_ITSELF'] === '1'
/** Where a profile of everything between the first and the last question goes, for the tools of Chromium. */
const profileFile = process.env['BENCH_PROFILE']
const profiler = profileFile ? new Session() : undefined
profiler?.connect()
let isProfiling = false
let commits = 0

type Run = (...params: unknown[]) => unknown
const database = Database.prototype as unknown as {
  exec: (this: unknown, sql: string) => unknown
  prepare: (this: unknown, sql: string) => { run: Run }
}
const { exec, prepare } = database
database.exec = function (sql) {
  if (sql === 'COMMIT') commits++
  return exec.call(this, sql)
}
database.prepare = function (sql) {
  const statement = prepare.call(this, sql)
  if (sql !== 'COMMIT' && !commitsItself) return statement
  const run: Run = statement.run.bind(statement)
  statement.run = (...params) => {
    commits++
    return run(...params)
  }
  return statement
}

async function profile(session: Session, file: string): Promise<void> {
  if (isProfiling) writeFileSync(file, JSON.stringify((await session.post('Profiler.stop')).profile))
  else await session.post('Profiler.enable')
  isProfiling = true
  await session.post('Profiler.start')
}

async function answer(question: Question): Promise<void> {
  if (question === 'settle') {
    for (let i = 0; i < COLLECTIONS; i++) {
      collect()
      await pause(COLLECTION_PAUSE_MS)
    }
  }
  if (profiler && profileFile) await profile(profiler, profileFile)
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  const reading: Reading = { atMs: performance.now(), rss, heapUsed, external, cpuMs: (user + system) / 1000, commits }
  process.send?.(reading)
}

process.on('message', (question: Question) => void answer(question))
process.channel?.unref()
