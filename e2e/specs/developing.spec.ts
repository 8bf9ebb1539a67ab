import { type DevServer, startDevServer } from '#e2e/support/devServer.ts'
import { expect, test as base } from '#e2e/support/fixtures.ts'
import { openLine } from '#e2e/support/line.ts'
import { Person } from '#e2e/support/person.ts'

type Developing = { dev: DevServer; developer: Person; sockets: { opened: number; closed: number } }

/** Somebody who edits the sources while a page of `npm run dev` is open. `sockets` are those of the chat. */
const test = base.extend<{ developing: Developing }>({
  developing: async ({ browser }, lend) => {
    const dev = await startDevServer()
    const line = await openLine({ to: dev })
    const context = await browser.newContext()
    const page = await context.newPage()
    const sockets = { opened: 0, closed: 0 }
    page.on('websocket', (socket) => {
      if (!socket.url().includes('/socket.io/')) return
      sockets.opened++
      socket.on('close', () => sockets.closed++)
    })
    const developer = new Person({ name: 'Ann', page, line, origin: line.url })
    await lend({ dev, developer, sockets })
    await context.close()
    await line.close()
    await dev.close()
    expect(developer.faults).toEqual([])
  },
})

test('edits of a component, a slice and the server reach a connected page without a reload, and the draft stays', async ({
  developing: { dev, developer, sockets },
}) => {
  const { page, composer } = developer
  await developer.continuesAsGuest()
  await developer.makesGroup('Crew')
  await developer.opensConversation('Lobby')
  await developer.writes('before all edits')
  await developer.sees('before all edits', 'sent')
  await composer.fill('half a sen')
  const openedAt = await page.evaluate(() => performance.timeOrigin)
  const socketsBefore = { ...sockets }
  const isTheSamePage = async () => {
    expect(await page.evaluate(() => performance.timeOrigin), 'not reloaded').toBe(openedAt)
    await expect(composer).toHaveValue('half a sen')
  }

  await test.step('a component: the one that holds the draft', async () => {
    await dev.edit('src/client/features/composer/Composer.tsx', "{t('Send')}", "{t('Send it')}")
    await expect(page.getByRole('button', { name: 'Send it' })).toBeVisible()
    await isTheSamePage()
  })

  await test.step('the component that holds the live tie', async () => {
    await dev.edit('src/client/routes/SignedInLayout.tsx', 'Skip to message box', 'Skip to the message')
    await expect(page.getByRole('link', { name: 'Skip to the message' })).toHaveCount(1)
    await isTheSamePage()
  })

  await test.step('a slice', async () => {
    await dev.edit('src/client/features/notices/noticesSlice.ts', "kind: 'unattached', words }", "kind: 'unattached', words: words.toUpperCase() }")
    await expect
      .poll(async () => {
        await page.getByTestId('file-input').setInputFiles({ name: 'nothing.txt', mimeType: 'text/plain', buffer: Buffer.alloc(0) })
        const last = page.getByTestId('notice').last()
        await expect(last).toContainText('nothing.txt', { ignoreCase: true })
        return last.textContent()
      })
      .toContain('NOTHING.TXT')
    await isTheSamePage()
  })

  await developer.connectionIs('live')
  expect(sockets, 'edits of the client leave the socket alone').toEqual(socketsBefore)

  await test.step('the server', async () => {
    await dev.edit('src/server/observe/health.ts', 'uptime: Math.round(process.uptime())', 'uptime: -1')
    await expect.poll(async () => ((await (await fetch(`${dev.url}/health`)).json()) as { uptime?: number }).uptime, { intervals: [20] }).toBe(-1)
    await expect.poll(() => sockets.opened, 'the page dials the new server').toBeGreaterThan(socketsBefore.opened)
    await developer.connectionIs('live')
    await isTheSamePage()
  })

  await composer.fill('half a sentence, and the rest')
  await page.keyboard.press('Enter')
  await developer.sees('half a sentence, and the rest', 'sent')
  await developer.sees('before all edits')
})
