import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'
import { turns } from '#e2e/support/turns.ts'

test.use({ serviceWorkers: 'allow', permissions: ['notifications'] })

/** Every notification that any page of this browser shows, as it is shown. */
async function noted(person: Person): Promise<string[]> {
  const shown: string[] = []
  await person.page.context().exposeFunction('wasShown', (words: string) => void shown.push(words))
  await person.page.context().addInitScript(() => {
    const { prototype } = ServiceWorkerRegistration
    const show = prototype.showNotification
    prototype.showNotification = function (title, options) {
      ;(window as unknown as { wasShown: (words: string) => void }).wasShown(`${title}: ${options?.body}`)
      // a browser without a desktop takes them away after some seconds, whatever became of them
      return show.call(this, title, { ...options, requireInteraction: true })
    }
  })
  return shown
}

/** Those that stand in the notification centre. */
const standing = (person: Person) =>
  person.page.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map(({ title }) => title))

async function turnsNotificationsOn(person: Person) {
  await person.hasTheAppKept()
  await person.opens('/settings')
  await person.page.getByRole('radio', { name: 'On', exact: true }).check()
  await expect(person.page.getByText('is shown by this device, once')).toBeVisible()
  await person.opens('/chat/lobby')
  await person.connectionIs('live')
}

/** Ann on two devices, both of which tell of messages. */
async function twoDevices(newPerson: (name: string) => Promise<Person>) {
  const account = { login: 'ann', password: 'a long word for the door' }
  const [desk, phone] = [await newPerson('Ann'), await newPerson('Ann')]
  const [onDesk, onPhone] = [await noted(desk), await noted(phone)]
  await desk.registers(account)
  await phone.signsIn(account)
  for (const device of [desk, phone]) await turnsNotificationsOn(device)
  return { desk, phone, onDesk, onPhone }
}

test('what comes while nobody looks is shown once, however many tabs there are and through a cut line; reading takes it back', async ({
  newPerson,
  bob,
}) => {
  const ann = await newPerson('Ann')
  const shown = await noted(ann)
  await ann.continuesAsGuest()
  await turnsNotificationsOn(ann)
  const second = await ann.opensAnotherTab('/settings')
  await second.connectionIs('live')
  await bob.writes('seen as it comes')
  await ann.sees('seen as it comes')
  await bob.sees('seen as it comes', 'read')

  for (const { page } of [ann, second]) await turns(page, 'hidden')
  await bob.writes('first')
  await expect.poll(() => shown).toEqual([`${await nameOf(bob)} · Lobby: first`])
  await bob.writes('second')
  await expect.poll(() => shown).toHaveLength(2)
  ann.line.refuse()
  await bob.writes('third')
  await bob.sees('third', 'sent')
  ann.line.pass()
  await ann.sees('third')
  await expect.poll(() => shown).toHaveLength(3)
  await second.isUpToDate()
  expect(shown.map((words) => words.split(': ').at(-1))).toEqual(['first', 'second', 'third'])
  // one place for each conversation
  expect(await standing(ann)).toHaveLength(1)
  await bob.changes('third', 'third, and last')
  await expect.poll(() => shown.at(-1)).toBe(`${await nameOf(bob)} · Lobby: third, and last`)
  expect(await standing(ann)).toHaveLength(1)
  // what was taken back leaves what came before it
  await bob.chooses('third, and last', 'Delete')
  await expect.poll(() => shown.at(-1)).toMatch(/ · Lobby: 2 new messages\. The last one: second$/)
  expect(await standing(ann)).toHaveLength(1)

  await turns(ann.page, 'visible')
  await expect.poll(() => standing(ann)).toEqual([])
  await bob.writes('somebody looks again')
  await ann.sees('somebody looks again')
  await second.isUpToDate()
  expect(shown.at(-1)).toContain('second')
})

test('a tab that was frozen while it showed one keeps no other from it', async ({ newPerson, bob }) => {
  const ann = await newPerson('Ann')
  const shown = await noted(ann)
  await ann.continuesAsGuest()
  await turnsNotificationsOn(ann)
  const frozen = await ann.opensAnotherTab('/settings')
  await frozen.page.evaluate(() => {
    // a frozen page keeps the locks it has
    void navigator.locks.request('tidemark:notifying', () => new Promise(() => {}))
  })
  for (const { page } of [ann, frozen]) await turns(page, 'hidden')
  await bob.writes('is anybody there?')
  await expect.poll(() => shown.length).toBeGreaterThan(0)
  expect(await standing(ann)).toHaveLength(1)
})

test('each device shows a message once, and reading on one takes it back on the other', async ({ newPerson, bob }) => {
  const { desk, phone, onDesk, onPhone } = await twoDevices(newPerson)
  for (const { page } of [desk, phone]) await turns(page, 'hidden')
  await bob.writes('on both')
  await expect.poll(() => [onDesk.length, onPhone.length]).toEqual([1, 1])
  await turns(desk.page, 'visible')
  await expect.poll(() => standing(phone)).toEqual([])
  expect([onDesk.length, onPhone.length]).toEqual([1, 1])
})

test('a muted conversation tells nobody, on none of their devices, until it is not muted any more', async ({ newPerson, bob }) => {
  const { desk, phone, onDesk, onPhone } = await twoDevices(newPerson)
  const item = (device: Person) => device.page.locator('[data-conversation-id="lobby"]')
  const chooses = async (device: Person, words: 'On' | 'Muted') => {
    await device.page.getByRole('button', { name: 'Details' }).click()
    await device.page.getByRole('radio', { name: words, exact: true }).check()
    await expect(device.page.getByText('No device of yours tells of messages here.')).toBeVisible({ visible: words === 'Muted' })
    await device.page.keyboard.press('Escape')
  }
  // the other one learns of it on its return
  phone.line.refuse()
  await chooses(desk, 'Muted')
  await expect(item(desk)).toHaveAttribute('data-muted')
  phone.line.pass()
  await expect(item(phone)).toHaveAttribute('data-muted')
  for (const device of [desk, phone]) await turns(device.page, 'hidden')
  await bob.writes('nobody hears this')
  for (const device of [desk, phone]) {
    await expect(item(device)).toHaveAttribute('data-unread', '1')
    await device.isUpToDate()
    await expect(device.page).toHaveTitle(/^Lobby/)
  }
  expect([onDesk, onPhone]).toEqual([[], []])

  await turns(phone.page, 'visible')
  await chooses(phone, 'On')
  await turns(phone.page, 'hidden')
  await expect(item(desk)).not.toHaveAttribute('data-muted')
  await bob.writes('everybody hears this')
  await expect.poll(() => [onDesk.length, onPhone.length]).toEqual([1, 1])
})

test('a first message from somebody new, which came while the page could not be reached, is told of when it can', async ({ newPerson }) => {
  const { desk, phone, onDesk, onPhone } = await twoDevices(newPerson)
  const eve = await newPerson('Eve')
  await eve.registers({ login: 'eve', password: 'a long word for the door' })
  for (const { page } of [desk, phone]) await turns(page, 'hidden')
  desk.line.refuse()
  await desk.connectionIs('reconnecting')
  await eve.opens(`/people/${await phone.userId()}`)
  await eve.writes('we have not met')
  await expect.poll(() => onPhone).toEqual(['Eve: we have not met'])
  expect(onDesk).toEqual([])
  desk.line.pass()
  await expect.poll(() => onDesk).toEqual(['Eve: we have not met'])
})

test('who sits there next has not chosen notifications', async ({ newPerson, bob }) => {
  const ann = await newPerson('Ann')
  const shown = await noted(ann)
  await ann.continuesAsGuest()
  await turnsNotificationsOn(ann)
  await ann.signsOut()
  await ann.page.getByRole('dialog').getByRole('button', { name: 'Sign out' }).click()
  await ann.continuesAsGuest()
  await turns(ann.page, 'hidden')
  await bob.writes('for somebody else')
  await ann.sees('for somebody else')
  await ann.isUpToDate()
  expect(shown).toEqual([])
  await ann.opens('/settings')
  await expect(ann.page.getByRole('radio', { name: 'Off', exact: true })).toBeChecked()
})

test('a click on a notification opens its conversation; signing out leaves none', async ({ newPerson, bob }) => {
  const ann = await newPerson('Ann')
  const shown = await noted(ann)
  await ann.continuesAsGuest()
  await bob.joins(await ann.makesGroup('Harbour'), 'Harbour')
  await turnsNotificationsOn(ann)
  await turns(ann.page, 'hidden')
  await bob.writes('the boat is in')
  await expect.poll(() => shown).toEqual([`${await nameOf(bob)} · Harbour: the boat is in`])
  const [worker] = ann.page.context().serviceWorkers()
  await worker!.evaluate(async () => {
    const { registration } = globalThis as unknown as { registration: ServiceWorkerRegistration }
    const [notification] = await registration.getNotifications()
    dispatchEvent(Object.assign(new Event('notificationclick'), { notification, waitUntil: () => {} }))
  })
  await expect(ann.page).toHaveURL(/\/chat\/(?!lobby)/)
  await ann.sees('the boat is in')
  expect(await standing(ann)).toEqual([])

  await ann.opensConversation('Lobby')
  await bob.writes('one more')
  await expect.poll(() => standing(ann)).toHaveLength(1)
  const second = await ann.opensAnotherTab('/settings')
  await second.page.getByRole('radio', { name: 'Off', exact: true }).check()
  await expect.poll(() => standing(ann), 'off means that nothing stands there').toEqual([])
  await second.page.getByRole('radio', { name: 'On', exact: true }).check()
  await second.page.close()
  await bob.writes('and another')
  await expect.poll(() => standing(ann)).toHaveLength(1)
  await turns(ann.page, 'visible')
  await ann.signsOut()
  await ann.page.getByRole('button', { name: 'Sign out' }).click()
  await expect(ann.page.getByRole('button', { name: 'Continue as guest' })).toBeVisible()
  await expect.poll(() => standing(ann)).toEqual([])
})

test.describe('in a browser that was not asked yet', () => {
  test.use({ permissions: [] })

  test('nothing is asked before somebody chooses it, and a refusal says where it can be undone', async ({ newPerson }) => {
    const ann = await newPerson('Ann')
    const devtools = await ann.page.context().newCDPSession(ann.page)
    const { browserContextId } = (await devtools.send('Target.getTargetInfo')).targetInfo
    const decide = (setting: 'prompt' | 'denied') =>
      devtools.send('Browser.setPermission', { permission: { name: 'notifications' }, setting, browserContextId: browserContextId! })
    await decide('prompt')
    let asked = 0
    await ann.page.exposeFunction('wasAsked', () => void asked++)
    await ann.page.addInitScript(() => {
      const ask = Notification.requestPermission.bind(Notification)
      Notification.requestPermission = () => {
        ;(window as unknown as { wasAsked: () => void }).wasAsked()
        return ask()
      }
    })
    await ann.continuesAsGuest()
    await ann.opens('/settings')
    const on = ann.page.getByRole('radio', { name: 'On', exact: true })
    await expect(on).toBeVisible()
    expect(asked).toBe(0)
    // this browser has nobody to answer it
    await on.click()
    await expect.poll(() => asked).toBe(1)
    await decide('denied')
    await turns(ann.page, 'visible')
    await expect(ann.page.getByText('Allow them in the browser’s settings for this site')).toBeVisible()
    expect(asked).toBe(1)
  })
})

const nameOf = async (person: Person): Promise<string> =>
  (await person.page.getByRole('button', { name: /^You are / }).getAttribute('aria-label'))!.replace('You are ', '')
