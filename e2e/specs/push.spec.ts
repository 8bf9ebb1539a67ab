import { PushedNews } from '#protocol/push.ts'
import { startPushService, type PushService } from '#server/testing/pushService.ts'
import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'
import { turns } from '#e2e/support/turns.ts'

test.use({ serviceWorkers: 'allow', permissions: ['notifications'], settings: { PUSH_HOSTS: '127.0.0.1' } })

let service: PushService
test.beforeEach(async () => void (service = await startPushService()))
test.afterEach(() => service.stop())

/** This browser's push service is ours, because its own is on the other side of the internet. */
async function reachedThrough(person: Person): Promise<string> {
  const subscription = service.subscribe()
  await person.page.context().addInitScript((place) => {
    const KEY = 'test:push'
    const held = (key: string) => ({
      endpoint: place.endpoint,
      options: { applicationServerKey: Uint8Array.from(atob(key.replaceAll('-', '+').replaceAll('_', '/')), (sign) => sign.charCodeAt(0)).buffer },
      toJSON: () => place,
      unsubscribe: async () => {
        localStorage.removeItem(KEY)
        return true
      },
    })
    Object.assign(PushManager.prototype, {
      subscribe: async ({ applicationServerKey }: { applicationServerKey: string }) => {
        localStorage.setItem(KEY, applicationServerKey)
        return held(applicationServerKey)
      },
      getSubscription: async () => {
        const key = localStorage.getItem(KEY)
        return key === null ? null : held(key)
      },
    })
  }, subscription)
  return subscription.endpoint
}

async function turnsNotificationsOn(person: Person) {
  await person.hasTheAppKept()
  await person.opens('/settings')
  await person.page.getByRole('radio', { name: 'On', exact: true }).check()
  await expect(person.page.getByText('Also while Tidemark is closed.')).toBeVisible()
  await person.opens('/chat/lobby')
  await person.connectionIs('live')
}

/** As the browser does when something comes from its push service, whether a page of the app is open or not. */
async function delivers(person: Person, text: string): Promise<void> {
  const devtools = await person.page.context().newCDPSession(person.page)
  const registered = new Promise<{ registrationId: string; scopeURL: string }>((resolve) =>
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => registrations[0] && resolve(registrations[0])),
  )
  await devtools.send('ServiceWorker.enable')
  const { registrationId, scopeURL } = await registered
  await devtools.send('ServiceWorker.deliverPushMessage', { origin: new URL(scopeURL).origin, registrationId, data: text })
  await devtools.detach()
}

const worker = (person: Person) => person.page.context().serviceWorkers()[0]!

/** What stands in the notification centre, by the worker's word. */
const standing = (person: Person) =>
  worker(person).evaluate(async () => {
    const { registration } = globalThis as unknown as { registration: ServiceWorkerRegistration }
    return (await registration.getNotifications()).map(({ title, body }) => `${title}: ${body}`)
  })

const bodies = () => service.pushed.map(({ text }) => PushedNews.parse(JSON.parse(text)).newest.body)

test('who has closed the app is told of what comes, once, and finds it there; who signs out is told nothing more', async ({ newPerson, bob }) => {
  const ann = await newPerson('Ann')
  await reachedThrough(ann)
  await ann.continuesAsGuest()
  await turnsNotificationsOn(ann)
  await turns(ann.page, 'hidden')
  await bob.writes('while a page is open')
  await ann.sees('while a page is open')
  await expect.poll(() => standing(ann)).toHaveLength(1)
  await ann.page.goto('about:blank')
  await bob.writes('while none is')
  await expect.poll(bodies).toEqual(['while none is'])
  await delivers(ann, service.pushed[0]!.text)
  await expect.poll(() => standing(ann)).toEqual([expect.stringMatching(/ · Lobby: 2 new messages\. The last one: while none is$/)])
  // put away by hand: the same one is not shown again, the next one is
  await worker(ann).evaluate(async () => {
    const { registration } = globalThis as unknown as { registration: ServiceWorkerRegistration }
    for (const shown of await registration.getNotifications()) shown.close()
    const show = registration.showNotification.bind(registration)
    const count = Object.assign(globalThis, { timesShown: 0 })
    registration.showNotification = (...what) => {
      count.timesShown++
      return show(...what)
    }
  })
  await bob.writes('and still none')
  await expect.poll(bodies).toEqual(['while none is', 'and still none'])
  for (const { text } of service.pushed) await delivers(ann, text)
  await expect.poll(() => standing(ann)).toEqual([expect.stringMatching(/3 new messages\. The last one: and still none$/)])
  expect(await worker(ann).evaluate(() => (globalThis as unknown as { timesShown: number }).timesShown)).toBe(1)

  await ann.opens('/chat/lobby')
  await ann.sees('while none is')
  await expect.poll(() => standing(ann)).toEqual([])
  await ann.signsOut()
  await ann.page.getByRole('button', { name: 'Sign out' }).click()
  await expect(ann.page.getByRole('button', { name: 'Continue as guest' })).toBeVisible()
  const carl = await newPerson('Carl')
  await reachedThrough(carl)
  await carl.continuesAsGuest()
  await turnsNotificationsOn(carl)
  // in the language of the page that was open last
  await carl.page.evaluate(() => localStorage.setItem('tidemark:language', 'fa'))
  await carl.reloads()
  await expect.poll(() => carl.page.evaluate(async () => (await caches.match('/words', { cacheName: 'tidemark:words' })) !== undefined)).toBe(true)
  await carl.page.goto('about:blank')
  for (const text of ['to Carl alone', 'and once more']) {
    await bob.writes(text)
    await expect.poll(() => bodies().at(-1)).toBe(text)
    await delivers(carl, service.pushed.at(-1)!.text)
  }
  expect(bodies()).toEqual(['while none is', 'and still none', 'to Carl alone', 'and once more'])
  await expect.poll(() => standing(carl)).toEqual([expect.stringMatching(/۲ پیام تازه\. آخرین: \u2068and once more\u2069$/)])
})

test('what is read on another device at once is not pushed', async ({ newPerson, bob }) => {
  const account = { login: 'ann', password: 'a long word for the door' }
  const [desk, phone] = [await newPerson('Ann'), await newPerson('Ann')]
  await reachedThrough(phone)
  await desk.registers(account)
  await phone.signsIn(account)
  await turnsNotificationsOn(phone)
  await phone.page.goto('about:blank')
  await bob.writes('seen at once')
  await desk.sees('seen at once')
  await bob.sees('seen at once', 'read')
  await turns(desk.page, 'hidden')
  await bob.writes('not seen')
  await expect.poll(bodies).toEqual(['not seen'])
})
