import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Step, runSteps } from './runSteps.ts'

let folder = ''
let lines: string[] = []

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-steps-'))
  lines = []
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const node = (name: string, code: string): Step => ({ name, command: process.execPath, args: ['-e', code] })
const lastLine = () => lines.join('\n').split('\n').at(-1)

/** A runner of tests that writes `report` and exits with `code`. */
function runner(code: number, report?: object): Step {
  const path = join(folder, 'report.json')
  const write = report ? `require('fs').writeFileSync(${JSON.stringify(path)}, ${JSON.stringify(JSON.stringify(report))});` : ''
  return { ...node('tests', `${write}process.exit(${code})`), counts: { report: path, read: (read) => read as { passed: number; failed: number } } }
}

test('each step without a report counts as one, and a failed one doesn’t stop the next', async () => {
  expect(await runSteps([node('a', ''), node('b', 'process.exit(3)'), node('c', '')])).toBe(1)
  expect(lastLine()).toBe('2 passed, 1 failed')
})

test('what a failed step printed is shown', async () => {
  await runSteps([node('a', "console.log('on stdout'); console.error('on stderr'); process.exit(1)")])
  expect(lines.join('\n')).toContain('on stdout')
  expect(lines.join('\n')).toContain('on stderr')
})

test('the tests of a runner count one by one', async () => {
  expect(await runSteps([node('a', ''), runner(0, { passed: 41, failed: 0 })])).toBe(0)
  expect(lastLine()).toBe('42 passed, 0 failed')
})

test('a runner that says all is well and exits with an error has failed', async () => {
  expect(await runSteps([runner(1, { passed: 5, failed: 0 })])).toBe(1)
  expect(lastLine()).toBe('5 passed, 1 failed')
})

test('a runner that ran nothing has failed', async () => {
  expect(await runSteps([runner(0, { passed: 0, failed: 0 })])).toBe(1)
})

test('the report of an earlier run is not counted', async () => {
  await runSteps([runner(0, { passed: 7, failed: 0 })])
  expect(await runSteps([runner(0)])).toBe(1)
  expect(lastLine()).toBe('0 passed, 1 failed')
})

test('a command that can’t be started has failed', async () => {
  expect(await runSteps([{ name: 'gone', command: join(folder, 'gone'), args: [] }])).toBe(1)
})
