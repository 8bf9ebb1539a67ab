import { vitestCounts } from './counts.ts'
import type { Step } from './runSteps.ts'

const VITEST_REPORT = '.cache/reports/vitest.json'

const tool = (name: string, command: string, ...args: string[]): Step => ({ name, command: `node_modules/.bin/${command}`, args })

/** The fast part: everything that needs no browser. */
export const CHECK: Step[] = [
  tool('types: client', 'tsc', '-p', 'tsconfig.client.json'),
  tool('types: server', 'tsc', '-p', 'tsconfig.server.json'),
  tool('types: all, with tests', 'tsc'),
  tool('lint', 'oxlint', '--type-aware'),
  tool('format', 'oxfmt', '--check'),
  tool('dead code', 'knip'),
  {
    ...tool('unit', 'vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${VITEST_REPORT}`),
    counts: { report: VITEST_REPORT, read: vitestCounts },
  },
  tool('build', 'vite', 'build', '--app', '--logLevel', 'warn'),
  tool('budget', 'tsx', 'e2e/support/budgetCommand.ts'),
]
