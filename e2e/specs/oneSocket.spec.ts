import type { Page } from '@playwright/test'
import { startDevServer } from '#e2e/support/devServer.ts'
import { expect, test } from '#e2e/support/fixtures.ts'
import { openLine } from '#e2e/support/line.ts'
import { Person } from '#e2e/support/person.ts'

/** The chat's sockets of this page from now on, and what it asks on them, by name. */
function listen(page: Page) {
  const heard = { sockets: 0, asked: [] as string[] }
  page.on('websocket', (socket) => {
    if (!socket.url().includes('/socket.io/')) return
    heard.sockets++
    socket.on('framesent', ({ payload }) => {
      const [, name] = /^42\d*\["([^"]+)"/.exec(String(payload)) ?? []
      if (name !== undefined) heard.asked.push(name)
    })
  })
  return heard
}

test('fifty changes of conversation, as fast as they can be drawn, open no socket and fetch nothing that is here', async ({ newPerson, bob }) => {
  const ann = await newPerson('Ann')
  const heard = listen(ann.page)
  await ann.continuesAsGuest()
  const titles = ['Lobby', 'Harbour', 'Lighthouse']
  for (const title of ['Harbour', 'Lighthouse']) await bob.joins(await ann.makesGroup(title), title)
  for (const title of titles) {
    await ann.opensConversation(title)
    await ann.writes(`first in ${title}`)
    await ann.sees(`first in ${title}`, 'sent')
  }
  await ann.isUpToDate()
  const before = heard.asked.length
  await ann.page.evaluate(async (names) => {
    const links = [...document.querySelectorAll<HTMLAnchorElement>('nav[aria-label="Conversations"] a')]
    for (let i = 0; i < 50; i++) {
      links.find((link) => link.textContent.includes(names[i % 3] ?? ''))?.click()
      await new Promise(requestAnimationFrame)
    }
  }, titles)
  await expect(ann.list).toHaveAccessibleName('Messages with Harbour')
  await ann.sees('first in Harbour')
  await bob.opensConversation('Harbour')
  await bob.writes('still there?')
  await ann.sees('still there?')
  const asked = heard.asked.slice(before)
  expect(asked.filter((name) => /^(hello|sync:pull|history:page)/.test(name))).toEqual([])
  expect(heard.sockets).toBe(1)
})

test('under development, where React mounts everything twice, a tab has one socket', async ({ browser }) => {
  const dev = await startDevServer()
  const line = await openLine({ to: dev })
  const context = await browser.newContext()
  const ann = new Person({ name: 'Ann', page: await context.newPage(), line, origin: line.url })
  const heard = listen(ann.page)
  const connected = async () => ((await (await fetch(`${dev.url}/health`)).json()) as { connectedSockets?: number }).connectedSockets
  await ann.continuesAsGuest()
  expect(await connected()).toBe(1)
  const other = await ann.opensAnotherTab('/chat/lobby')
  await other.connectionIs('live')
  expect(await connected()).toBe(2)
  expect(heard.sockets).toBe(1)
  await context.close()
  await line.close()
  await dev.close()
  expect(ann.faults).toEqual([])
})
