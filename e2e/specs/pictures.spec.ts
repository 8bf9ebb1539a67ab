import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'

/** A picture as a camera makes it: twice as wide as high, blue in the middle, red at both ends. */
async function photo({ page }: Person): Promise<Buffer> {
  const base64 = await page.evaluate(() => {
    const canvas = document.createElement('canvas')
    canvas.width = 1_200
    canvas.height = 600
    const context = canvas.getContext('2d')!
    context.fillStyle = 'red'
    context.fillRect(0, 0, 1_200, 600)
    context.fillStyle = 'blue'
    context.fillRect(300, 0, 600, 600)
    return canvas.toDataURL('image/png').split(',')[1]!
  })
  return Buffer.from(base64, 'base64')
}

async function chooses({ page }: Person, file: { name: string; mimeType: string; buffer: Buffer }) {
  const asked = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: /^(Choose|Change) picture$/ }).click()
  await (await asked).setFiles(file)
}

/** The colours of a picture on the page, at its left edge and in its middle, once it is there. */
const colours = (person: Person, within: string) =>
  person.page
    .locator(`${within} img`)
    .first()
    .evaluate(async (image: HTMLImageElement) => {
      await image.decode()
      const canvas = document.createElement('canvas')
      canvas.width = image.naturalWidth
      canvas.height = image.naturalHeight
      const context = canvas.getContext('2d')!
      context.drawImage(image, 0, 0)
      const at = (x: number) => [...context.getImageData(x, image.naturalHeight / 2, 1, 1).data].map((part) => Math.round(part / 255))
      return { size: [image.naturalWidth, image.naturalHeight], edge: at(2), middle: at(image.naturalWidth / 2) }
    })

const BLUE = [0, 0, 1, 1]
const ALL_BLUE = { size: [256, 256], edge: BLUE, middle: BLUE }

test('a picture that somebody chooses stands beside their words, for themselves and for others, until it is removed', async ({ ann, bob }) => {
  await ann.writes('here I am')
  await bob.sees('here I am')
  await expect(bob.page.locator('main img')).toHaveCount(0)
  const file = { name: 'me.png', mimeType: 'image/png', buffer: await photo(ann) }

  await ann.opens('/settings')
  await chooses(ann, file)
  await expect(ann.page.getByText('The picture was changed.')).toBeVisible()
  expect(await colours(ann, 'main')).toEqual(ALL_BLUE)
  // who it is shown to hears of it without a reload
  expect(await colours(bob, 'li:has([data-testid=message])')).toEqual(ALL_BLUE)
  await bob.reloads()
  expect(await colours(bob, 'li:has([data-testid=message])')).toEqual(ALL_BLUE)

  // drawn anew while the line is away it is there as well
  await bob.makesGroup('Trees')
  await bob.goesOffline()
  await expect(bob.page.locator('main img')).toHaveCount(0)
  await bob.opensConversation('Lobby')
  expect(await colours(bob, 'li:has([data-testid=message])')).toEqual(ALL_BLUE)
  await bob.comesOnline()

  await ann.page.getByRole('button', { name: 'Remove picture' }).click()
  await expect(ann.page.getByText('The picture was removed.')).toBeVisible()
  await expect(ann.page.locator('main img')).toHaveCount(0)
  await bob.reloads()
  await bob.sees('here I am')
  await expect(bob.page.locator('main img')).toHaveCount(0)
})

test('what is no picture is refused in words, and nothing changes; on a small screen all is within reach, and the focus stays', async ({ ann }) => {
  await ann.opens('/settings')
  await chooses(ann, { name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('not a picture') })
  await expect(ann.page.locator('main').getByRole('alert')).toContainText('That file can’t be read as a picture.')
  await expect(ann.page.locator('main img')).toHaveCount(0)
  await chooses(ann, { name: 'me.png', mimeType: 'image/png', buffer: await photo(ann) })
  await expect(ann.page.getByText('The picture was changed.')).toBeVisible()
  await expect(ann.page.locator('main').getByRole('alert')).toHaveCount(0)

  await ann.page.setViewportSize({ width: 320, height: 700 })
  for (const name of ['Change picture', 'Remove picture', 'Save name']) {
    const { x, width } = (await ann.page.getByRole('button', { name }).boundingBox())!
    expect(x, `${name} begins on the screen`).toBeGreaterThan(0)
    expect(x + width, `${name} ends on the screen`).toBeLessThan(320)
  }
  await ann.page.getByRole('button', { name: 'Remove picture' }).press('Enter')
  await expect(ann.page.getByText('The picture was removed.')).toBeVisible()
  await expect(ann.page.getByRole('button', { name: 'Choose picture' })).toBeFocused()
})

test('a group has a picture, which its owner chooses and everybody in it sees without a reload', async ({ ann, bob }) => {
  await bob.joins(await ann.makesGroup('Trees'), 'Trees')
  const inTheList = (person: Person) => person.conversationLink('Trees').locator('img')
  await expect(inTheList(bob)).toHaveCount(0)
  await ann.page.getByRole('button', { name: 'Details' }).click()
  const drawer = ann.page.getByRole('dialog', { name: 'Trees' })
  await chooses(ann, { name: 'trees.png', mimeType: 'image/png', buffer: await photo(ann) })
  await expect(drawer.getByText('The picture was changed.')).toBeVisible()
  for (const person of [ann, bob]) await expect(inTheList(person)).toBeVisible()
  expect(await colours(bob, '[aria-label=Conversations]')).toEqual(ALL_BLUE)
  await bob.page.getByRole('button', { name: 'Details' }).click()
  await expect(bob.page.getByRole('dialog', { name: 'Trees' }).getByRole('button', { name: 'Change picture' })).toHaveCount(0)
  await bob.page.keyboard.press('Escape')

  await drawer.getByRole('button', { name: 'Remove picture' }).click()
  await expect(drawer.getByText('The picture was removed.')).toBeVisible()
  for (const person of [ann, bob]) await expect(inTheList(person)).toHaveCount(0)
})
