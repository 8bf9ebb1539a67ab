import type { Person } from '#e2e/support/person.ts'
import { expect, test } from '#e2e/support/fixtures.ts'
import { msOf, takesLessThan } from '#e2e/support/stopwatch.ts'

const FIVE = ['one', 'two', 'three', 'four', 'five']

/** Pages can be loaded, the server can't be talked to. */
async function losesTheServer(person: Person) {
  await person.page.route(/\/(api|socket\.io)\//, (route) => route.abort())
  person.line.refuseUpgrades()
  person.line.cut()
}

async function hasTheServerBack(person: Person) {
  await person.page.unrouteAll()
  person.line.pass()
}

for (const host of ['127.0.0.1', 'localhost'] as const) {
  test.describe(`on ${host}`, () => {
    test.use({ host })

    test('five messages written offline arrive once, in order, when the browser is online again', async ({ ann, bob }) => {
      await ann.goesOffline()
      for (const text of FIVE) {
        await ann.writes(text)
        await ann.sees(text, 'queued')
      }
      await ann.comesOnline()
      await ann.connectionIs('live')
      for (const text of FIVE) await ann.sees(text, 'sent')
      await bob.seesInOrder(FIVE)
      await ann.seesInOrder(FIVE)
    })

    test('five messages written without a server survive a reload without a server, and arrive once, in order', async ({ ann, bob }) => {
      await losesTheServer(ann)
      await ann.connectionIs('reconnecting')
      for (const text of FIVE) {
        await ann.writes(text)
        await ann.sees(text, 'queued')
      }
      await ann.reloads()
      for (const text of FIVE) await ann.sees(text, 'queued')
      await ann.seesInOrder(FIVE)

      await hasTheServerBack(ann)
      await ann.connectionIs('live')
      for (const text of FIVE) await ann.sees(text, 'sent')
      await bob.seesInOrder(FIVE)
      await ann.seesInOrder(FIVE)
      expect((await bob.messages()).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
    })

    test('the chip says Offline within a second of the browser, the banner what happens to the words, and all is well within a second of its return', async ({
      ann,
    }) => {
      // measured in the page: what happens between page and test is none of the app's doing
      await ann.page.evaluate(() => {
        const since = new Map<string, number>()
        const took = new Map<string, number>()
        const note = (name: string, start = since.get(name)) => {
          if (start !== undefined && !took.has(name)) took.set(name, performance.now() - start)
        }
        const look = () => {
          note(document.documentElement.dataset['connection'] ?? '')
          if (document.querySelector('[data-testid="connection-banner"]')?.textContent.includes("You're offline."))
            note('banner', since.get('offline'))
        }
        for (const [event, name] of Object.entries({ offline: 'offline', online: 'live' })) {
          window.addEventListener(event, () => {
            since.set(name, performance.now())
            look() // the app may have heard it first
          })
        }
        new MutationObserver(look).observe(document, { attributes: true, childList: true, characterData: true, subtree: true })
        Object.assign(window, {
          longest: () => {
            const longest = took.size === 3 ? Math.max(...took.values()) : Infinity
            for (const all of [since, took]) all.clear()
            return longest
          },
        })
      })
      const longest = () => ann.page.evaluate(() => (window as unknown as { longest: () => number }).longest())
      await expect(ann.banner).toHaveCount(0)
      await ann.goesOffline()
      await expect(ann.chip).toHaveText('Offline')
      await ann.writes('one')
      await ann.writes('two')
      await expect(ann.banner).toContainText("You're offline.")
      await expect(ann.banner).toContainText("2 messages will send when you're back.")
      await ann.comesOnline()
      await ann.connectionIs('live')
      await expect(ann.chip).toHaveText('Connected')
      await expect(ann.banner).toHaveCount(0)

      await takesLessThan(1_000, async () => {
        await longest() // of before
        await ann.goesOffline()
        await expect(ann.banner).toContainText("You're offline.")
        await ann.comesOnline()
        await ann.connectionIs('live')
        return longest()
      })
    })
  })
}

test('messages written offline in a tab that is closed arrive from the next tab', async ({ ann, bob }) => {
  await ann.goesOffline()
  for (const text of FIVE) {
    await ann.writes(text)
    await ann.sees(text, 'queued')
  }
  const later = await ann.page.context().newPage()
  await ann.page.close()
  await later.context().setOffline(false)
  await later.goto(`${ann.origin}/chat/lobby`)
  await bob.seesInOrder(FIVE)
})

test('what others wrote meanwhile is there after the reconnect, also in conversations in the background', async ({ ann, bob }) => {
  const invitation = await ann.makesGroup('Harbour')
  await bob.joins(invitation, 'Harbour')
  await ann.opensConversation('Lobby')

  await ann.goesOffline()
  await bob.writes('in the group')
  await bob.opensConversation('Lobby')
  await bob.writes('in the lobby')
  await bob.sees('in the lobby', 'sent')
  await ann.comesOnline()

  await ann.sees('in the lobby')
  await expect(ann.conversationLink('Harbour')).toHaveAttribute('data-unread', '1')
  await ann.opensConversation('Harbour')
  await ann.sees('in the group')
})

test('five flips of the network end in Connected', async ({ ann, bob }) => {
  const texts: string[] = []
  await takesLessThan(3_000, async () => {
    for (let i = 0; i < 5; i++) {
      await ann.goesOffline()
      texts.push(`flip ${texts.length}`)
      await ann.writes(texts.at(-1)!)
      await ann.comesOnline()
      await ann.page.waitForFunction(() => navigator.onLine)
    }
    return msOf(ann.connectionIs('live'))
  })
  await bob.seesInOrder(texts)
})

test('offline one can write everywhere, and what needs a connection says why it waits', async ({ ann }) => {
  await ann.goesOffline()
  await expect(ann.composer).toBeEnabled()
  await ann.writes('noted')
  await ann.sees('noted', 'queued')
  const newGroup = ann.page.getByRole('button', { name: 'New group' })
  await expect(newGroup).toHaveAttribute('aria-disabled', 'true')
  await expect(newGroup).toHaveAccessibleDescription(/need a connection/)
  await newGroup.click({ force: true })
  await expect(ann.page.getByRole('dialog')).toHaveCount(0)
  await ann.comesOnline()
  await expect(newGroup).not.toHaveAttribute('aria-disabled')
})
