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

/** One short run; `npm run chaos -- --campaign K` is the long one. */
const CHAOS: Step = {
  name: 'chaos',
  command: 'node_modules/.bin/tsx',
  args: ['e2e/chaos/main.ts', '--seed', '3', '--messages', '1500', '--clients', '6', '--faults', '60'],
  live: true,
}

/** A few seeds beyond those among the unit tests; `npm run sim -- --seeds N` plays any number. */
const SIMULATOR: Step = {
  name: 'simulator',
  command: 'node_modules/.bin/tsx',
  args: ['src/testing/sim/main.ts', '--seeds', '300', '--from', '1000'],
  live: true,
}

process.exitCode = await runSteps([...CHECK, SIMULATOR, ...BROWSER, CHAOS])
