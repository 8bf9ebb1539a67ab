import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Hunt } from './hunt.ts'
import { edited, editsOf, type Mutant } from './mutant.ts'

/** What a command said and how it ended; undefined when it had to be stopped. */
type Ended = { code: number | null; out: string; errors: string } | undefined

/** Far more than a mutant needs that merely breaks something: what runs for ever is stopped. */
const PATIENCE_MS = 300_000
/** Both cores are busy: a unit test gets more time than usual. */
const TEST_PATIENCE_MS = 30_000

/** A copy of the source in a folder of its own, where breaking things harms nobody. */
export function openWorkshop(root: string) {
  const dir = mkdtempSync(join(tmpdir(), 'tidemark-mutants-'))
  const stops = new Set<() => void>()
  for (const name of readdirSync(root)) {
    if (name === 'src' || /^(package|tsconfig.*)\.json$|^vite\.config\.ts$/.test(name)) cpSync(join(root, name), join(dir, name), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'), 'dir')

  function run(args: readonly string[]): Promise<Ended> {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, args, { cwd: dir, env: { ...process.env, NODE_ENV: args.includes('--hunt') ? 'production' : 'test' } })
      const stop = () => void child.kill('SIGKILL')
      stops.add(stop)
      const timer = setTimeout(stop, PATIENCE_MS)
      let [out, errors] = ['', '']
      child.stdout.on('data', (data: Buffer) => (out += data.toString()))
      child.stderr.on('data', (data: Buffer) => (errors += data.toString()))
      child.on('close', (code, signal) => {
        stops.delete(stop)
        clearTimeout(timer)
        resolve(signal === 'SIGKILL' ? undefined : { code, out, errors })
      })
    })
  }

  return {
    /** Makes the edits of a mutant, lets `work` see the result, and takes them back. */
    async broken<T>(mutant: Mutant, work: () => Promise<T>): Promise<T> {
      const before = new Map<string, string>()
      try {
        for (const edit of editsOf(mutant)) {
          const path = join(dir, edit.file)
          const text = readFileSync(path, 'utf8')
          if (!before.has(path)) before.set(path, text)
          writeFileSync(path, edited(text, edit))
        }
        return await work()
      } finally {
        for (const [path, text] of before) writeFileSync(path, text)
      }
    },

    /** Plays seeds in a process of its own, which a mutant may bring down. */
    async hunt(seeds: number, from: number): Promise<Hunt> {
      const ended = await run(['--import', 'tsx', 'src/testing/sim/mutants/main.ts', '--hunt', '--seeds', `${seeds}`, '--from', `${from}`])
      const nothing = { seeds, broken: [], what: '' }
      if (!ended) return { ...nothing, crash: 'it never ends' }
      if (ended.code !== 0) return { ...nothing, crash: /^\w*Error.*$/m.exec(ended.errors)?.[0] ?? 'it died' }
      return JSON.parse(ended.out.trim().split('\n').at(-1)!) as Hunt
    },

    /** Runs unit tests; the names of those in which an assertion failed, and what went wrong otherwise. */
    async test(files: readonly string[]): Promise<{ failed: string[]; crash: string }> {
      const ended = await run(['node_modules/vitest/vitest.mjs', 'run', '--reporter=json', `--testTimeout=${TEST_PATIENCE_MS}`, ...files])
      if (!ended) return { failed: [], crash: 'it never ends' }
      try {
        return readReport(ended.out)
      } catch {
        return { failed: [], crash: `no report: ${ended.errors.trim().split('\n').at(-1) ?? ''}` }
      }
    },

    close: () => {
      for (const stop of stops) stop()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
export type Workshop = ReturnType<typeof openWorkshop>

type Report = {
  success: boolean
  numTotalTests: number
  testResults: { message: string; assertionResults: { fullName: string; status: string; failureMessages: string[] | null }[] }[]
}

/** A test that throws or runs out of time says nothing about what it asserts. */
export function readReport(out: string): { failed: string[]; crash: string } {
  const report = JSON.parse(out.slice(out.indexOf('{'))) as Report
  const failures = report.testResults.flatMap(({ assertionResults }) => assertionResults.filter(({ status }) => status === 'failed'))
  const isAsserted = ({ failureMessages }: (typeof failures)[number]) => (failureMessages ?? []).some((message) => message.includes('AssertionError'))
  const failed = failures.filter(isAsserted).map(({ fullName }) => fullName)
  const other = failures.find((failure) => !isAsserted(failure))
  const crash = other
    ? `${other.fullName}: ${(other.failureMessages?.[0] ?? '').split('\n')[0]}`
    : (report.testResults.find(({ message }) => message)?.message ?? '')
  return { failed, crash: crash || (report.numTotalTests === 0 ? 'no tests' : report.success || failed.length > 0 ? '' : 'not all is well') }
}
