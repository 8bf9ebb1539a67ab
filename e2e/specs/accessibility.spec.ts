import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from '#e2e/support/fixtures.ts'
import { PNG } from '#e2e/support/picture.ts'
import type { Person } from '#e2e/support/person.ts'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

/** Nothing in the way of anybody, in light and in dark; otherwise the names of the rules and the places. */
async function isAccessible(person: Person, screen: string) {
  for (const colorScheme of ['light', 'dark'] as const) {
    await person.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // without frames there is nothing that its other mode opens a page of its own for each time
    const { violations } = await new AxeBuilder({ page: person.page }).setLegacyMode().withTags(RULES).analyze()
    const places = violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html}\n${failureSummary ?? ''}`))
    expect(places, `${screen}, in ${colorScheme}`).toEqual([])
  }
}

for (const width of [390, 1180]) {
  test(`every screen is accessible in light and in dark at ${width} px`, async ({ newPerson, bob }) => {
    const ann = await newPerson('Ann')
    await ann.page.setViewportSize({ width, height: 844 })

    await ann.opens('/')
    await expect(ann.page.getByRole('button', { name: 'Continue as guest' })).toBeVisible()
    await isAccessible(ann, 'welcome')
    for (const way of ['Sign in', 'Create account']) {
      await ann.page.getByRole('button', { name: way }).click()
      await expect(ann.page.getByRole('form', { name: way })).toBeVisible()
      await isAccessible(ann, way)
      await ann.page.getByRole('button', { name: 'Back' }).click()
    }

    await ann.continuesAsGuest()
    await isAccessible(ann, 'a conversation without messages')

    await bob.writes('from Bob, with a link https://example.org and `code`')
    await ann.sees('from Bob, with a link https://example.org and `code`')
    await ann.writes('from Ann')
    await ann.sees('from Ann', 'sent')
    await isAccessible(ann, 'a conversation')

    await ann.attaches(
      { name: 'ferry.png', mimeType: 'image/png', buffer: PNG },
      { name: 'plan.txt', mimeType: 'text/plain', buffer: Buffer.from('plan') },
    )
    await isAccessible(ann, 'files beside what is being written')
    await ann.writes('with files')
    await ann.sees('with files', 'sent')
    await expect(ann.row('with files').locator('img')).toBeVisible()
    await isAccessible(ann, 'a message with files')
    await ann.row('with files').getByTestId('message-picture').click()
    await expect(ann.page.getByRole('dialog', { name: 'ferry.png' })).toBeVisible()
    await isAccessible(ann, 'a picture as large as it is')
    await ann.page.keyboard.press('Escape')
    ann.line.freeze('up')
    await ann.attaches({ name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(100_000) })
    await ann.composer.press('Enter')
    await expect(ann.page.getByTestId('upload-row')).toBeVisible()
    await isAccessible(ann, 'a file on its way')
    await ann.page.getByRole('button', { name: 'Cancel film.mp4' }).click()
    ann.line.pass()
    await ann.connectionIs('live')

    await bob.reacts('from Ann', 'Heart')
    await ann.replies('from Ann', 'an answer')
    await ann.sees('an answer', 'sent')
    await (await ann.tools('from Ann')).getByRole('button', { name: 'React' }).click()
    await isAccessible(ann, 'a message that has the focus, and the reactions to it')
    await ann.page.keyboard.press('Escape')
    await (await ann.tools('from Ann')).getByRole('button', { name: 'React' }).click()
    await ann.page.getByRole('menuitem', { name: 'Another emoji' }).click()
    await expect(ann.page.getByRole('gridcell').first()).toBeVisible()
    await isAccessible(ann, 'all emoji')
    await ann.page.keyboard.press('Escape')
    await expect(ann.row('from Ann').and(ann.page.locator(':focus-within'))).toBeVisible()
    await (await ann.tools('from Ann')).getByRole('button', { name: 'More' }).click()
    await isAccessible(ann, 'the menu of a message')
    await ann.page.getByRole('menuitem', { name: 'Details' }).click()
    await expect(ann.page.getByRole('dialog')).toBeVisible()
    await isAccessible(ann, 'the details of a message')
    await ann.page.keyboard.press('Escape')
    await ann.page.keyboard.press('Control+/')
    await expect(ann.page.getByRole('dialog', { name: 'Keyboard' })).toBeVisible()
    await isAccessible(ann, 'the keys')
    await ann.page.keyboard.press('Escape')
    await ann.opens(`/chat/lobby?person=${await bob.userId()}`)
    await expect(ann.page.getByRole('dialog')).toBeVisible()
    await isAccessible(ann, 'who somebody is')
    await ann.page.keyboard.press('Escape')
    await ann.chooses('an answer', 'Edit')
    await isAccessible(ann, 'changing a message')
    await ann.page.keyboard.press('Escape')
    await ann.chooses('an answer', 'Delete')
    await expect(ann.page.getByRole('button', { name: 'Undo' })).toBeVisible()
    await isAccessible(ann, 'a deletion that may be undone')

    await ann.goesOffline()
    await ann.writes('waiting')
    await ann.sees('waiting', 'queued')
    await expect(ann.banner).toBeVisible()
    await isAccessible(ann, 'a conversation, offline, with a waiting message')
    await ann.comesOnline()
    await ann.sees('waiting', 'sent')

    for (const [path, screen] of [
      ['/chat', 'the conversations'],
      ['/outbox', 'the outbox'],
      ['/settings', 'settings'],
      ['/devices', 'devices'],
      ['/join/not-an-invitation', 'an invitation that does not work'],
      ['/nowhere', 'an address that does not exist'],
      ['/chat/lobby?debug=1', 'the inspector'],
    ] as const) {
      await ann.opens(path)
      await ann.connectionIs('live')
      await isAccessible(ann, screen)
    }

    await ann.opens('/chat')
    await ann.page.getByRole('button', { name: 'New group' }).click()
    await expect(ann.page.getByRole('dialog')).toBeVisible()
    await isAccessible(ann, 'a new group')
    await ann.page.keyboard.press('Escape')
    await ann.page.getByRole('button', { name: 'Find' }).click()
    await ann.page.getByRole('combobox').fill('bob')
    await expect(ann.page.getByRole('option', { name: /Search messages/ })).toBeVisible()
    await isAccessible(ann, 'finding')
    await ann.opens('/search?q=hello')
    await expect(ann.page.getByRole('search').getByLabel('From')).toBeVisible()
    await expect(ann.page.getByTestId('search-count')).toContainText(/match/)
    await isAccessible(ann, 'a search')
    await ann.opens(`/people/${await bob.userId()}`)
    await expect(ann.page.getByRole('region', { name: 'Message request' })).toBeVisible()
    await isAccessible(ann, 'a request')
    await ann.page.getByRole('button', { name: 'Details' }).click()
    await expect(ann.page.getByRole('dialog')).toBeVisible()
    await isAccessible(ann, 'the details of a direct conversation')
  })
}
