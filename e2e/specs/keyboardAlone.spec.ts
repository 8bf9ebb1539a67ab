import type { Locator } from '@playwright/test'
import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'

/** The page lets nobody write so much; on the way out this grows beyond what the server takes. */
const GROWS = 'grows on the way'

/** Everything that is read out, in its order; what interrupts begins with "!". */
async function listensTo(person: Person): Promise<() => Promise<string[]>> {
  await person.page.addInitScript(() => {
    const heard: string[] = Object.assign(window, { heard: [] as string[] }).heard
    document.addEventListener('DOMContentLoaded', () => {
      for (const [id, sign] of [
        ['sr-polite', ''],
        ['sr-assertive', '!'],
      ] as const)
        new MutationObserver((changes) => {
          for (const { addedNodes } of changes) for (const node of addedNodes) heard.push(sign + node.textContent!.replaceAll('\u200B', ''))
        }).observe(document.getElementById(id)!, { childList: true })
    })
  })
  return () => person.page.evaluate(() => (window as unknown as { heard: string[] }).heard)
}

/** Tab, and Tab again, until it has the focus. */
async function tabsTo(person: Person, target: Locator) {
  await expect(target).toBeVisible()
  for (let presses = 0; presses < 60; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await person.page.keyboard.press('Tab')
  }
  throw new Error(`${target.toString()} can't be reached by Tab`)
}

test('without a mouse: signing in, writing, a refusal and its retry, answering, changing, searching; and what is heard of it', async ({
  newPerson,
  bob,
}) => {
  const account = { login: 'ann', password: 'a long word for the door' }
  const before = await newPerson('Ann')
  await before.registers(account)
  await before.page.close()
  await bob.writes('where is the anchor?')

  const ann = await newPerson('Ann')
  const { page } = ann
  const { keyboard } = page
  const heard = await listensTo(ann)
  let growing = true
  await page.routeWebSocket(/\/socket\.io\//, (client) => {
    const server = client.connectToServer()
    client.onMessage((frame) => server.send(growing && typeof frame === 'string' ? frame.replace(GROWS, 'x'.repeat(40_000)) : frame))
  })
  await ann.opens('/')
  await tabsTo(ann, page.getByRole('button', { name: 'Sign in' }))
  await keyboard.press('Enter')
  const form = page.getByRole('form', { name: 'Sign in' })
  await tabsTo(ann, form.getByLabel('Sign-in name'))
  await keyboard.type(account.login)
  await tabsTo(ann, form.getByLabel('Password', { exact: true }))
  await keyboard.type(account.password)
  await keyboard.press('Enter')
  await ann.connectionIs('live')
  await ann.sees('where is the anchor?')
  await tabsTo(ann, ann.composer)

  await keyboard.type('in the blue shed')
  await keyboard.press('Enter')
  await ann.sees('in the blue shed', 'sent')
  await keyboard.type(GROWS)
  await keyboard.press('Enter')
  await ann.sees(GROWS, 'failed')
  expect(await heard(), 'nothing of own messages but what failed').toEqual([expect.stringMatching(/^!Message not sent: .+\.$/)])

  growing = false
  await keyboard.press('Shift+F6')
  await keyboard.press('End')
  await expect(ann.row(GROWS)).toBeFocused()
  await keyboard.press('Enter')
  const retry = ann.row(GROWS).getByRole('button', { name: 'Retry' })
  for (let presses = 0; presses < 10 && !(await retry.evaluate((element) => element === document.activeElement)); presses++)
    await keyboard.press('ArrowRight')
  await expect(retry).toBeFocused()
  await keyboard.press('Enter')
  await ann.sees(GROWS, 'sent')

  await bob.writes('thank you')
  await ann.sees('thank you')
  await expect.poll(heard).toContainEqual(expect.stringMatching(/: thank you$/))
  await keyboard.press('Escape')
  await keyboard.press('Escape')
  await expect(ann.composer).toBeFocused()
  await keyboard.press('Shift+F6')
  await keyboard.press('Home')
  await expect(ann.row('where is the anchor?')).toBeFocused()
  await keyboard.press('r')
  await expect(ann.composer).toBeFocused()
  await keyboard.type('look behind the sails')
  await keyboard.press('Enter')
  await ann.sees('look behind the sails', 'sent')
  await expect(ann.row('look behind the sails')).toContainText('where is the anchor?')

  await keyboard.press('ArrowUp')
  await expect(page.getByRole('textbox', { name: /^Change your message/ })).toBeFocused()
  await keyboard.press('End')
  await keyboard.type(' today')
  await keyboard.press('Enter')
  await bob.sees('look behind the sails today')
  await expect(ann.composer).toBeFocused()

  await keyboard.press('Control+k')
  await keyboard.type('shed')
  await expect(page.getByRole('option', { name: 'Search messages for “shed”' })).toHaveAttribute('aria-selected', 'true')
  await keyboard.press('Enter')
  await tabsTo(ann, page.getByTestId('search-hit').first())
  await keyboard.press('Enter')
  await expect(ann.row('in the blue shed')).toBeFocused()
  expect((await heard()).at(-1)).toBe('Went to the message')

  await page.context().setOffline(true)
  await ann.connectionIs('offline')
  await tabsTo(ann, ann.composer)
  await keyboard.type('later, then')
  await keyboard.press('Enter')
  await ann.sees('later, then', 'queued')
  await expect.poll(async () => (await heard()).at(-1)).toBe('Message queued')
})
