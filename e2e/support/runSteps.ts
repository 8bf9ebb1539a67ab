import { spawn } from 'node:child_process'
import { mkdir, readFile, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Counts, sum } from './counts.ts'

/** One thing that must hold. Without `counts` it counts as one; with it, the command's own report is counted, test by test. */
export type Step = {
  name: string
  command: string
  args: string[]
  env?: Record<string, string>
  /** Shown while it runs, for the long ones; otherwise only when it failed. */
  live?: boolean
  counts?: { report: string; read: (report: unknown) => Counts }
}

/** Runs all steps, also after a failed one, and prints `N passed, N failed` as the very last line. Resolves to the exit code. */
export async function runSteps(steps: Step[]): Promise<0 | 1> {
  const all: Counts[] = []
  for (const step of steps) all.push(await runStep(step))
  const { passed, failed } = sum(all)
  console.log(`\n${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

async function runStep(step: Step): Promise<Counts> {
  const startedAt = performance.now()
  if (step.counts) {
    await mkdir(dirname(step.counts.report), { recursive: true })
    await rm(step.counts.report, { force: true }) // never count the report of an earlier run
  }
  if (step.live) console.log(`… ${step.name}`)
  const { code, output } = await run(step)
  const counts = await countsOf(step, code)
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const words = step.counts ? `${counts.passed} passed, ${counts.failed} failed` : output.trim().split('\n').length === 1 ? output.trim() : ''
  console.log(`${counts.failed === 0 ? '✓' : '✗'} ${step.name} (${seconds} s) ${words}`.trimEnd())
  if (counts.failed > 0 && !step.live) console.log(output.replace(/^(?=.)/gm, '    '))
  return counts
}

async function countsOf({ counts }: Step, code: number): Promise<Counts> {
  if (!counts) return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }
  const read = await readFile(counts.report, 'utf8').then(
    (text) => counts.read(JSON.parse(text)),
    () => ({ passed: 0, failed: 0 }),
  )
  // a runner that broke, or ran nothing, has not shown that anything holds
  const silent = read.failed === 0 && (code !== 0 || read.passed === 0)
  return silent ? { ...read, failed: 1 } : read
}

function run({ command, args, env, live }: Step): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (live) process.stdout.write(text)
      })
    }
    child.on('error', (error) => done({ code: 1, output: `${output}${error.message}\n` }))
    child.on('close', (code) => done({ code: code ?? 1, output }))
  })
}
