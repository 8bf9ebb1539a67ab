import { CHECK } from './checkSteps.ts'
import { playwrightCounts } from './counts.ts'
import { type Step, runSteps } from './runSteps.ts'

const PLAYWRIGHT_REPORT = '.cache/reports/playwright.json'

const BROWSER: Step[] = [
  { name: 'chromium', command: 'node_modules/.bin/tsx', args: ['e2e/support/chromiumCommand.ts'] },
  {
    name: 'e2e',
    command: 'node_modules/.bin/playwright',
    args: ['test', '--reporter=list,json'],
    env: { PLAYWRIGHT_JSON_OUTPUT_FILE: PLAYWRIGHT_REPORT, FORCE_COLOR: '0' },
    live: true,
    counts: { report: PLAYWRIGHT_REPORT, read: playwrightCounts },
  },
]

process.exitCode = await runSteps([...CHECK, ...BROWSER])
