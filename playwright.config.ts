import { defineConfig } from '@playwright/test'
import { findChromium } from './e2e/support/chromium.ts'

const executablePath = findChromium()

export default defineConfig({
  testDir: 'e2e/specs',
  globalSetup: './e2e/support/globalSetup.ts',
  outputDir: 'test-results',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  // what fails fails by what is there, not by how long a busy machine took; where a time is what it is about the test says how long
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: 'list',
  use: {
    // what is routed here would be answered by the worker instead; e2e/specs/offlineApp.spec.ts lets it work
    serviceWorkers: 'block',
    // with the DOM at every step, and without a film: that is a quarter of the time
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
    launchOptions: {
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
    },
  },
})
