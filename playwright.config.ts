import { defineConfig } from '@playwright/test'
import { findChromium, findHeadlessShell } from './e2e/support/chromium.ts'

/** What only a whole browser has: pages kept aside, notifications, settings per site, a profile that says which process uses it. */
const WHOLE_BROWSER = /(backForward|browserKilled|goneInAMoment|noStorage|notifications|push)\.spec\.ts$/

const shell = findHeadlessShell()
const launchOptions = (executablePath: string | undefined) => ({
  ...(executablePath === undefined ? {} : { executablePath }),
  args: [
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-gpu',
    '--host-resolver-rules=MAP tidemark.lan 127.0.0.1',
  ],
})
const whole = { name: 'chromium', use: { launchOptions: launchOptions(findChromium()) } }

export default defineConfig({
  testDir: 'e2e/specs',
  globalSetup: './e2e/support/globalSetup.ts',
  outputDir: 'test-results',
  fullyParallel: true,
  // on two cores; most of them wait most of the time
  workers: 4,
  retries: 0,
  forbidOnly: true,
  // what fails fails by what is there, not by how long a busy machine took; where a time is what it is about the test says how long
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: 'list',
  use: {
    // what is routed here would be answered by the worker instead; e2e/specs/offlineApp.spec.ts lets it work
    serviceWorkers: 'block',
    // without a film and the DOM at every step, which take a third of the time: `--trace on` has both
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: false, sources: false },
    screenshot: 'only-on-failure',
  },
  projects:
    shell === undefined
      ? [whole]
      : [
          { name: 'headless shell', testIgnore: WHOLE_BROWSER, use: { launchOptions: launchOptions(shell) } },
          { ...whole, testMatch: WHOLE_BROWSER },
        ],
})
