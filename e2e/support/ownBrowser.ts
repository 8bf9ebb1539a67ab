import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type LaunchOptions, chromium, expect } from '@playwright/test'
import { type Line, openLine } from './line.ts'
import { Person } from './person.ts'

/** A browser with a profile on disk, which outlives it: for what happens to a browser, and to its files between two starts. */
export type OwnBrowser = {
  profile: string
  line: Line
  /** Starts it on one empty page. It must be down. */
  start: () => Promise<Person>
  /** Closes it as its menu does: what it keeps is on the disk. */
  quit: () => Promise<void>
  /** SIGKILL of the browser and thereby of all its pages. */
  kill9: () => Promise<void>
  /** Uncaught errors of all its pages so far. */
  faults: () => string[]
  /** Closes it for good and deletes the profile. */
  close: () => Promise<void>
}

export async function ownBrowser({
  to,
  name,
  options,
}: {
  to: { host: string; port: number }
  name: string
  options: LaunchOptions
}): Promise<OwnBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'tidemark-profile-'))
  const line = await openLine({ to })
  const people: Person[] = []
  const context = () => people.at(-1)?.page.context()

  return {
    profile,
    line,
    start: async () => {
      const started = await chromium.launchPersistentContext(profile, options)
      const [empty] = started.pages()
      const person = new Person({ name, page: empty ?? (await started.newPage()), line, origin: line.url })
      people.push(person)
      return person
    },
    quit: async () => {
      const page = people.at(-1)?.page
      const device = await page?.evaluate(() => localStorage.getItem('tidemark:device'))
      // Chromium writes a localStorage some seconds late, and a new one not always when it is closed before.
      if (device) await expect.poll(() => isOnDisk(profile, device)).toBe(true)
      await context()?.close()
    },
    kill9: async () => {
      const gone = context()?.waitForEvent('close')
      process.kill(await pidOf(profile), 'SIGKILL')
      await gone
    },
    faults: () => people.flatMap(({ faults }) => faults.map((fault) => `${name}: ${fault}`)),
    close: async () => {
      await context()?.close()
      await line.close()
      await rm(profile, { recursive: true, force: true })
    },
  }
}

/** Has a localStorage of this profile been written with these words in it? */
async function isOnDisk(profile: string, words: string): Promise<boolean> {
  const folder = join(profile, 'Default', 'Local Storage', 'leveldb')
  const files = await readdir(folder).catch(() => [])
  for (const file of files) if ((await readFile(join(folder, file)).catch(() => '')).includes(words)) return true
  return false
}

/** Chromium marks the profile it uses with a link to `HOST-PID`. */
async function pidOf(profile: string): Promise<number> {
  return Number((await readlink(join(profile, 'SingletonLock'))).split('-').at(-1))
}
