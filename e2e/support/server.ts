import { type ChildProcess, execFile as execFileWithCallback, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { QA_MAIN } from './build.ts'
import { type Frozen, stopProcess } from './frozen.ts'

/** A line of the server's log: its JSON fields, or the text alone as `msg`. */
export type LogLine = { msg?: string } & Record<string, unknown>

/** The built server as a process of its own, on its own port and data. */
export type TestServer = {
  host: string
  port: number
  url: string
  dataDir: string
  /** SIGKILL, as a crash or a power cut of the machine's other users. Resolves when it is gone. */
  kill9: () => Promise<void>
  /** SIGTERM, as an operator. Resolves to the exit code. */
  stop: () => Promise<number | null>
  /** Stops its process in mid-air, with every line open, until it is woken: an event loop that stalls. */
  freeze: () => Frozen
  /** Starts it again on the same port and data, with the same settings but for `env`, or as another build. It must be down. */
  start: (env?: Record<string, string>, build?: string) => Promise<void>
  /** Runs a command on its data, as an operator: `backup FILE`, `restore FILE`. Resolves to what it said; rejects when it failed. */
  command: (...words: string[]) => Promise<string>
  /** Everything logged since it was first started. */
  logs: () => LogLine[]
  /** Stops it for good and deletes its data. */
  close: () => Promise<void>
}

const execFile = promisify(execFileWithCallback)

const READY_WITHIN_MS = 60_000
const ASK_EVERY_MS = 25

export async function startServer({ env = {}, main = QA_MAIN }: { env?: Record<string, string>; main?: string } = {}): Promise<TestServer> {
  const host = '127.0.0.1'
  const port = await freePort()
  const url = `http://${host}:${port}`
  const dataDir = await mkdtemp(join(tmpdir(), 'tidemark-data-'))
  const lines: LogLine[] = []
  let child: ChildProcess | null = null

  async function start(more: Record<string, string> = {}, build = main) {
    if (child) throw new Error('The server is already running.')
    const started = spawn(process.execPath, [build], {
      env: { PATH: process.env.PATH, HOST: host, PORT: String(port), DATA_DIR: dataDir, ...env, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    for (const stream of [started.stdout, started.stderr]) createInterface({ input: stream }).on('line', (line) => lines.push(readLine(line)))
    started.once('exit', () => {
      if (child === started) child = null
    })
    await ready(started)
  }

  async function ready(started: ChildProcess) {
    const until = performance.now() + READY_WITHIN_MS
    while (started.exitCode === null && started.signalCode === null && performance.now() < until) {
      const answer = await fetch(`${url}/health/ready`).catch(() => null)
      if (answer?.ok) return
      await new Promise((resume) => setTimeout(resume, ASK_EVERY_MS))
    }
    started.kill('SIGKILL')
    throw new Error(`The server did not get ready. It said:\n${lines.map((line) => JSON.stringify(line)).join('\n')}`)
  }

  async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    const running = child
    if (!running) return null
    const gone = once(running, 'exit')
    running.kill(signal)
    const [code] = (await gone) as [number | null]
    return code
  }

  await start()
  return {
    host,
    port,
    url,
    dataDir,
    start,
    kill9: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    freeze: () => {
      if (child?.pid === undefined) throw new Error('The server is not running.')
      return stopProcess(child.pid)
    },
    command: async (...words) => (await execFile(process.execPath, [main, ...words], { env: { PATH: process.env.PATH, DATA_DIR: dataDir } })).stdout,
    logs: () => [...lines],
    close: async () => {
      await end('SIGKILL')
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

function readLine(line: string): LogLine {
  try {
    const read: unknown = JSON.parse(line)
    return typeof read === 'object' && read !== null ? { ...read } : { msg: line }
  } catch {
    return { msg: line }
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('No free port.')
  return address.port
}
