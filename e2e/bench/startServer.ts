import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { builtFile, type Contender } from './contender.ts'
import type { Question, Reading } from './probe.ts'

export type RunningServer = {
  port: number
  dir: string
  /** From spawning the process to its first answer. */
  bootMs: number
  read: () => Promise<Reading>
  /** As `read`, after garbage collection. */
  readSettled: () => Promise<Reading>
  /** kill -9; resolves when the process is gone. */
  kill: () => Promise<void>
}

const READY_WITHIN_MS = 20_000

const scratch: string[] = []
process.on('exit', () => {
  for (const dir of scratch) rmSync(dir, { recursive: true, force: true })
})

/** A directory on disk that ends with this process. */
export function scratchDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'tidemark-bench-'))
  scratch.push(dir)
  return dir
}

/** Starts a contender and waits until it answers. With the `dir` of an earlier run it has that one's data; with its `port`, it takes its place. */
export async function startServer(contender: Contender, again: { port?: number; dir?: string } = {}): Promise<RunningServer> {
  const port = again.port ?? (await freePort())
  const dir = again.dir ?? scratchDir()
  const logFile = join(dir, 'log.txt')
  const log = openSync(logFile, 'a')
  const startedAt = performance.now()
  const child = spawn(process.execPath, ['--import', builtFile('probe'), builtFile(contender.source)], {
    env: { ...process.env, ...contender.env, NODE_ENV: 'production', PORT: String(port), DATA_DIR: dir },
    stdio: ['ignore', log, log, 'ipc'],
  })
  const killAlong = () => void child.kill('SIGKILL')
  process.on('exit', killAlong)
  const gone = once(child, 'exit')

  const ask = async (question: Question): Promise<Reading> => {
    const answer = once(child, 'message')
    child.send(question)
    return ((await answer) as [Reading])[0]
  }
  while (!(await answers(port))) {
    const isDead = child.exitCode !== null || child.signalCode !== null
    if (isDead || performance.now() - startedAt > READY_WITHIN_MS) {
      child.kill('SIGKILL')
      throw new Error(`${contender.name} did not start:\n${readFileSync(logFile, 'utf8').slice(-2_000)}`)
    }
    await pause(10)
  }

  return {
    port,
    dir,
    bootMs: performance.now() - startedAt,
    read: () => ask('read'),
    readSettled: () => ask('settle'),
    kill: async () => {
      child.kill('SIGKILL')
      await gone
      process.off('exit', killAlong)
    },
  }
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/health`)).ok
  } catch {
    return false
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
