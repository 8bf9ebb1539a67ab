import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from '@playwright/test'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** The browser to test with: `$CHROMIUM`, the system's, or Playwright's own. Undefined when there is none. */
export function findChromium(): string | undefined {
  const onPath = (process.env.PATH ?? '').split(':').flatMap((folder) => NAMES.map((name) => join(folder, name)))
  return [process.env.CHROMIUM, '/usr/bin/chromium', ...onPath, chromium.executablePath()].find((path) => path !== undefined && existsSync(path))
}

/** Finds Chromium or installs it, and says so. */
export function provideChromium(): string {
  const found = findChromium()
  if (found !== undefined) return said(found, 'found')

  if (process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0) {
    console.log('Chromium: none found, installing it with apt-get')
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' })
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-noto-color-emoji'], { stdio: 'inherit' })
  } else {
    console.log('Chromium: none found, installing Playwright’s own')
    execFileSync('npx', ['playwright', 'install', 'chromium'], { stdio: 'inherit' })
  }
  const installed = findChromium()
  if (installed === undefined) throw new Error('Chromium could not be installed. Install it and set CHROMIUM to its path.')
  return said(installed, 'installed')
}

function said(path: string, how: 'found' | 'installed'): string {
  console.log(`Chromium: ${how} at ${path}`)
  return path
}
