import { AxeBuilder } from '@axe-core/playwright'
import type { Route } from '@playwright/test'
import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'

const PERSIAN = { locale: 'fa-IR' }

/** Values keep to themselves, by signs that nobody sees. */
const said = (text: string) => new RegExp(text.replaceAll('.', '\\.').replaceAll(' ', '[\\s\\u2068\\u2069]+'))

const box = ({ page }: Person) => page.locator('[data-region=composer]')
const tools = async (person: Person, text: string) => {
  await person.row(text).focus()
  return person.row(text).getByRole('toolbar', { name: 'برای این پیام' })
}

const isPersian = (person: Person) => expect(person.page.locator('html[lang=fa][dir=rtl]')).toBeVisible()

/** Comes in by the Persian door. */
async function enters(person: Person) {
  await person.opens('/')
  await isPersian(person)
  await person.page.getByRole('button', { name: 'ادامه به عنوان مهمان' }).click()
  await person.connectionIs('live')
}

/** English words that stand on the screen or in the names of things, other than what people wrote and what keys are called. */
async function englishOn(person: Person): Promise<string[]> {
  return person.page.evaluate(() => {
    const OTHERS = '[dir=auto], kbd, .emoji, bdi, code'
    const MINE = /Tidemark|English|Chrome on Linux|JPEG|PNG|https|[a-z] تا z/u
    const found: string[] = []
    const judge = (text: string | null, element: Element) => {
      if (text !== null && /[A-Za-z]{3}/u.test(text) && !MINE.test(text) && !element.closest(OTHERS)) found.push(text)
    }
    for (const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); walker.nextNode();)
      if (walker.currentNode.parentElement?.checkVisibility()) judge(walker.currentNode.textContent, walker.currentNode.parentElement)
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]'))
      for (const name of ['aria-label', 'title', 'placeholder']) judge(element.getAttribute(name), element)
    return found
  })
}

async function isReadable(person: Person, screen: string) {
  // names that were made up for guests are not of the interface
  const names = await person.page.evaluate(() => [...document.querySelectorAll('bdi')].map((name) => name.textContent).filter((name) => name !== ''))
  const english = (await englishOn(person)).filter((text) => {
    const rest = names.reduce((left, name) => left.replaceAll(name, ''), text)
    return /[A-Za-z]{3}/.test(rest)
  })
  expect(english, screen).toEqual([])
  const tooWide = await person.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(tooWide, screen).toBeLessThanOrEqual(0)
  // wider it is the same
  if (person.page.viewportSize()!.width > 390) return
  const { violations } = await new AxeBuilder({ page: person.page })
    .setLegacyMode()
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
    .analyze()
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes[0]!.html}`),
    screen,
  ).toEqual([])
}

test.describe('in a browser that wants Persian', () => {
  test.use(PERSIAN)

  for (const width of [390, 1180])
    test(`every screen speaks it, from right to left, at ${width} px`, async ({ newPerson }) => {
      const ann = await newPerson('Ann')
      await ann.page.setViewportSize({ width, height: 844 })
      await ann.opens('/')
      await isPersian(ann)
      await expect(ann.page.getByRole('button', { name: 'ورود' })).toBeVisible()
      await isReadable(ann, 'welcome')
      for (const way of ['ورود', 'ساخت حساب']) {
        await ann.page.getByRole('button', { name: way }).click()
        await expect(ann.page.getByRole('form', { name: way })).toBeVisible()
        await isReadable(ann, way)
        await ann.page.getByRole('button', { name: 'بازگشت' }).click()
      }
      await enters(ann)
      await box(ann).fill('سلام، hello')
      await box(ann).press('Enter')
      await ann.sees('سلام، hello', 'sent')
      await isReadable(ann, 'a conversation')
      // own messages stand where one's lines end
      const [own, list] = [await ann.row('سلام، hello').getByTestId('message-text').boundingBox(), await ann.page.getByRole('log').boundingBox()]
      expect(own!.x - list!.x).toBeLessThan(list!.width / 2)

      const bob = await newPerson('Bob')
      await bob.opens('/')
      await bob.page.evaluate(() => localStorage.setItem('tidemark:language', 'en'))
      await bob.reloads()
      await bob.continuesAsGuest()
      await bob.writes('an answer')
      await ann.sees('an answer')
      await bob.sees('سلام، hello')
      await bob.reacts('an answer', 'Heart')
      await expect(ann.row('an answer').getByRole('button', { name: '❤️' })).toBeVisible()
      await isReadable(ann, 'an answer with a reaction')
      await (await tools(ann, 'an answer')).getByRole('button', { name: 'بیشتر' }).click()
      await isReadable(ann, 'the menu of a message')
      await ann.page.getByRole('menuitem', { name: 'جزئیات' }).click()
      await expect(ann.page.getByRole('dialog')).toBeVisible()
      await isReadable(ann, 'the details of a message')
      await ann.page.keyboard.press('Escape')
      await (await tools(ann, 'an answer')).getByRole('button', { name: 'پاسخ' }).click()
      await isReadable(ann, 'what is answered')
      await ann.page.keyboard.press('Escape')
      await ann.page.getByRole('button', { name: 'جزئیات' }).click()
      await expect(ann.page.getByRole('dialog')).toBeVisible()
      await isReadable(ann, 'the details of a conversation')
      await ann.page.keyboard.press('Escape')

      for (const path of ['/settings', '/devices', '/outbox', '/search', '/nowhere']) {
        await ann.opens(path)
        await expect(ann.page.getByRole('heading', { level: 1 })).toBeVisible()
        await ann.connectionIs('live')
        await isReadable(ann, path)
      }
      await ann.page.keyboard.press('Control+/')
      await expect(ann.page.getByRole('dialog', { name: 'صفحه‌کلید' })).toBeVisible()
      await isReadable(ann, 'the keys')
      await ann.page.keyboard.press('Escape')
      await ann.page.keyboard.press('Control+k')
      await expect(ann.page.getByRole('dialog', { name: 'یافتن' })).toBeVisible()
      await isReadable(ann, 'looking for something')
      await ann.page.keyboard.press('Escape')

      await ann.opens('/chat/lobby')
      await ann.connectionIs('live')
      await ann.goesOffline()
      await expect(ann.banner).toContainText(said('آفلاین هستید. پیام‌ها وقتی دوباره وصل شدید فرستاده می‌شوند.'))
      await box(ann).fill('بی‌شبکه')
      await box(ann).press('Enter')
      await ann.sees('بی‌شبکه', 'queued')
      await expect(ann.banner).toContainText(said('۱ پیام وقتی دوباره وصل شدید فرستاده می‌شود.'))
      await isReadable(ann, 'without a network')
      await ann.comesOnline()
      await ann.sees('بی‌شبکه', 'sent')
      await bob.sees('بی‌شبکه')
    })

  for (const [trouble, route] of [
    ['can’t be had', (asked: Route) => asked.abort()],
    ['don’t come', () => {}],
  ] as const)
    test(`whose words ${trouble} the page is there all the same, in English`, async ({ newPerson }) => {
      const ann = await newPerson('Ann')
      await ann.page.route(/\/assets\/fa-.*\.js$/, route)
      await ann.continuesAsGuest()
      await expect(ann.page.locator('html[lang=en]:not([dir])')).toBeVisible()
      await ann.page.unrouteAll()
      await ann.reloads()
      await isPersian(ann)
      await ann.connectionIs('live')
    })

  test.describe('and keeps the app', () => {
    test.use({ serviceWorkers: 'allow' })

    test('it speaks it without a network, too', async ({ newPerson }) => {
      const ann = await newPerson('Ann')
      await enters(ann)
      await ann.hasTheAppKept()
      await ann.goesOffline()
      await ann.reloads()
      await isPersian(ann)
      await expect(ann.banner).toContainText('آفلاین هستید.')
      await ann.comesOnline()
      await ann.connectionIs('live')
    })
  })
})

test('who chooses another language in the settings has it at once and ever after, and loses nothing half written', async ({ ann, bob }) => {
  await ann.composer.fill('half a thought')
  await ann.opens('/settings')
  await ann.page.getByRole('radio', { name: 'فارسی' }).click()
  await isPersian(ann)
  await expect(ann.page.getByRole('heading', { level: 1, name: 'تنظیمات' })).toBeVisible()
  await ann.opens('/chat/lobby')
  await isPersian(ann)
  await expect(box(ann)).toHaveValue('half a thought')
  await box(ann).press('Enter')
  await bob.sees('half a thought')
  await ann.opens('/settings')
  await ann.page.getByRole('radio', { name: 'English' }).click()
  await expect(ann.page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible()
  await expect(ann.page.locator('html[lang=en]:not([dir])')).toBeVisible()
})
