import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from '@playwright/test'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
const SHELL = 'chromium-headless-shell'

/** The browser to test with: `$CHROMIUM`, the system's, or Playwright's own. Undefined when there is none. */
export function findChromium(): string | undefined {
  return firstOf([process.env.CHROMIUM, '/usr/bin/chromium', ...onPath(NAMES), chromium.executablePath()])
}

/**
 * The same browser without its windows, from the same Debian source: it takes half the processor's time for the same page (measured: 1.0 s
 * instead of 1.8 s for somebody who comes in and writes three messages). Undefined where there is none, or `$CHROMIUM` names what to test with.
 */
export const findHeadlessShell = (): string | undefined => (process.env.CHROMIUM ? undefined : firstOf(onPath([SHELL])))

const onPath = (names: string[]) => (process.env.PATH ?? '').split(':').flatMap((folder) => names.map((name) => join(folder, name)))
const firstOf = (paths: (string | undefined)[]) => paths.find((path) => path !== undefined && existsSync(path))

/** Finds Chromium or installs it, and says so. */
export function provideChromium(): string {
  const found = findChromium()
  if (found !== undefined) return said(found, 'found')

  if (process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0) {
    console.log('Chromium: none found, installing it with apt-get')
    execFileSync('apt-get', ['update', '-qq'], { stdio: 'inherit' })
    const wanted = ['chromium', SHELL, 'fonts-noto-color-emoji'].filter((name) => spawnSync('apt-cache', ['show', name]).status === 0)
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...wanted], { stdio: 'inherit' })
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
