import { mkdtemp, readlink, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import { expect, test } from '#e2e/support/fixtures.ts'
import { openLine } from '#e2e/support/line.ts'
import { Person } from '#e2e/support/person.ts'

/** Chromium marks the profile it uses with a link to `HOST-PID`. */
async function pidOf(profile: string): Promise<number> {
  return Number((await readlink(join(profile, 'SingletonLock'))).split('-').at(-1))
}

test('a browser killed right after a message was queued sends it when it is opened again', async ({ bob, server, launchOptions }) => {
  const profile = await mkdtemp(join(tmpdir(), 'tidemark-profile-'))
  const line = await openLine({ to: server })
  const opens = async () => {
    const context = await chromium.launchPersistentContext(profile, launchOptions)
    return new Person({ name: 'Ann', page: await context.newPage(), line, origin: line.url })
  }
  const first = await opens()
  await first.continuesAsGuest()
  // cookies reach the disk half a minute late, or when the browser is closed
  await first.page.context().close()

  const ann = await opens()
  await ann.opens('/chat/lobby')
  await ann.connectionIs('live')
  await ann.writes('while all is well')
  await bob.sees('while all is well')
  line.refuse()
  await ann.connectionIs('reconnecting')
  await ann.writes('kept by the browser')
  await ann.sees('kept by the browser', 'queued')
  const gone = ann.page.context().waitForEvent('close')
  process.kill(await pidOf(profile), 'SIGKILL')
  await gone

  line.pass()
  const again = await opens()
  await again.opens('/chat/lobby')
  await again.sees('kept by the browser', 'sent')
  await bob.seesInOrder(['while all is well', 'kept by the browser'])
  expect((await bob.messages()).length).toBe(2)
  await again.page.context().close()
  await line.close()
  await rm(profile, { recursive: true, force: true })
})
