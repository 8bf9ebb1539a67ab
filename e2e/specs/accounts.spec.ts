import { readFile } from 'node:fs/promises'
import { expect, test } from '#e2e/support/fixtures.ts'

// several browsers come in, one after another
test.describe.configure({ timeout: 180_000 })

const ADA = { login: 'ada', password: 'quite a long one' }
const OTHER = { login: 'somebody.else', password: 'another long one' }

test('somebody registers, signs out and is who they were when they sign in again, in any browser', async ({ newPerson, bob }) => {
  const ada = await newPerson('Ada')
  await ada.registers(ADA)
  const who = await ada.userId()
  await ada.writes('before')
  await bob.sees('before')
  await ada.signsOut()
  await expect(ada.page.getByRole('button', { name: 'Continue as guest' })).toBeVisible()

  await ada.signsIn({ ...ADA, password: 'not the right one' })
  await expect(ada.page.getByText('don’t fit together')).toBeVisible()
  await ada.fills('Sign in', ADA)
  await ada.page.keyboard.press('Enter')
  await ada.connectionIs('live')
  expect(await ada.userId()).toBe(who)

  const elsewhere = await newPerson('Ada')
  await elsewhere.signsIn(ADA)
  await elsewhere.connectionIs('live')
  expect(await elsewhere.userId()).toBe(who)
  await elsewhere.writes('from elsewhere')
  await ada.seesInOrder(['before', 'from elsewhere'])
  expect((await ada.messages()).map(({ mine }) => mine)).toEqual([true, true])
})

test('a form says what is wrong before it asks, and what the server found after', async ({ newPerson }) => {
  const ada = await newPerson('Ada')
  await ada.registers(ADA)
  const late = await newPerson('Ida')
  await late.opens('/')
  await late.page.getByRole('button', { name: 'Create account' }).click()
  const create = late.page.getByRole('form', { name: 'Create account' }).getByRole('button', { name: 'Create account' })
  await late.fills('Create account', { login: 'a', password: '1234567890' })
  await create.click()
  const faults = late.page.getByRole('main').getByRole('alert')
  await expect(faults).toHaveCount(2)
  await expect(late.page.getByText('among the first that anybody would try')).toBeVisible()
  await late.fills('Create account', ADA)
  await create.click()
  await expect(faults).toContainText('Somebody has this name already')
  await late.fills('Create account', OTHER)
  await create.click()
  await late.connectionIs('live')
})

test('a guest keeps everything in an account, and finds it in another browser', async ({ ann, bob, newPerson }) => {
  const who = await ann.userId()
  await ann.writes('as a guest')
  await bob.sees('as a guest')
  await ann.opens('/settings')
  await ann.page.getByRole('button', { name: 'Keep this account' }).click()
  await ann.fills('Keep account', ADA)
  await ann.page.getByRole('button', { name: 'Keep account', exact: true }).click()
  await expect(ann.page.getByText('Your account is kept.')).toBeVisible()
  await expect(ann.page.getByText('You are registered')).toBeVisible()

  const elsewhere = await newPerson('Ann')
  await elsewhere.signsIn(ADA)
  await elsewhere.connectionIs('live')
  await elsewhere.sees('as a guest')
  expect(await elsewhere.userId()).toBe(who)
  expect((await elsewhere.messages()).map(({ mine }) => mine)).toEqual([true])
})

test('a registered person whose session ends signs in over the page, and what waited goes out', async ({ newPerson, bob }) => {
  const ada = await newPerson('Ada')
  await ada.registers(ADA)
  await ada.goesOffline()
  for (const text of ['waiting one', 'waiting two']) await ada.writes(text)
  await ada.sees('waiting two', 'queued')
  await ada.composer.fill('half a thought')
  await ada.sessionIsEnded()
  await ada.comesOnline()
  await ada.connectionIs('signed-out')
  const dialog = ada.page.getByRole('dialog', { name: 'Your session ended' })
  await expect(dialog).toContainText('2 messages are waiting')
  await expect(dialog.getByRole('button', { name: 'Continue as guest' })).toHaveCount(0)
  await bob.doesNotSee('waiting one')
  await ada.fills('Sign in', ADA)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await ada.connectionIs('live')
  await expect(dialog).toHaveCount(0)
  await bob.seesInOrder(['waiting one', 'waiting two'])
  await ada.seesInOrder(['waiting one', 'waiting two'])
  await expect(ada.composer).toHaveValue('half a thought')
  await expect(ada.page.getByTestId('notice')).toHaveCount(0)
})

test('somebody else who signs in over the page neither sees nor sends what waits there; its owner does, coming back', async ({ newPerson, bob }) => {
  const other = await newPerson('Other')
  await other.registers(OTHER)
  const ada = await newPerson('Ada')
  await ada.registers(ADA)
  await ada.goesOffline()
  await ada.writes('for Ada to send')
  await ada.sees('for Ada to send', 'queued')
  await ada.sessionIsEnded()
  await ada.comesOnline()
  const dialog = ada.page.getByRole('dialog', { name: 'Your session ended' })
  await expect(dialog).toContainText('1 message is waiting for Ada')
  await ada.fills('Sign in', OTHER)
  await dialog.getByRole('button', { name: 'Sign in' }).click()
  await ada.connectionIs('live')
  await expect(ada.page.getByTestId('notice')).toContainText('You are signed in as someone else; you are now Other')
  await ada.opens('/chat/lobby')
  await ada.writes('by the other')
  await bob.sees('by the other')
  await ada.isUpToDate()
  await ada.doesNotSee('for Ada to send')
  await ada.signsOut()
  await ada.signsIn(ADA)
  await ada.connectionIs('live')
  await bob.seesInOrder(['by the other', 'for Ada to send'])
})

test('other tabs of the browser come back with the one that was signed in again', async ({ newPerson }) => {
  const ada = await newPerson('Ada')
  await ada.registers(ADA)
  const tab = await ada.opensAnotherTab('/chat/lobby')
  await tab.connectionIs('live')
  await ada.sessionIsEnded()
  for (const one of [ada, tab]) {
    await one.goesOffline()
  }
  for (const one of [ada, tab]) {
    await one.comesOnline()
    await one.connectionIs('signed-out')
  }
  await tab.fills('Sign in', ADA)
  await tab.page.getByRole('dialog').getByRole('button', { name: 'Sign in' }).click()
  for (const one of [tab, ada]) {
    await one.connectionIs('live')
    await expect(one.page.getByRole('dialog')).toHaveCount(0)
  }
})

test('two tabs on the welcome page become one guest', async ({ newPerson }) => {
  const cleo = await newPerson('Cleo')
  await cleo.opens('/')
  const tab = await cleo.opensAnotherTab('/')
  await expect(tab.page.getByRole('button', { name: 'Continue as guest' })).toBeVisible()
  await cleo.page.getByRole('button', { name: 'Continue as guest' }).click()
  for (const one of [cleo, tab]) await one.connectionIs('live')
  expect(await tab.userId()).toBe(await cleo.userId())
})

test('a password is changed by whoever knows the old one, and other devices are signed out', async ({ newPerson }) => {
  const ada = await newPerson('Ada')
  await ada.registers(ADA)
  const elsewhere = await newPerson('Ada')
  await elsewhere.signsIn(ADA)
  await elsewhere.connectionIs('live')
  await ada.opens('/settings')
  await ada.page.getByRole('button', { name: 'Change password' }).click()
  const form = ada.page.getByRole('form', { name: 'Change password' })
  await form.getByLabel('Old password').fill('a wrong guess')
  await form.getByLabel('New password').fill('a new and longer one')
  await form.getByRole('button', { name: 'Save password' }).click()
  await expect(form.getByRole('alert')).toContainText('The old password is not right.')
  await form.getByLabel('Old password').fill(ADA.password)
  await form.getByRole('button', { name: 'Save password' }).click()
  await expect(ada.page.getByText('Your password was changed.')).toBeVisible()
  await elsewhere.connectionIs('signed-out')
  await expect(elsewhere.page.getByRole('dialog')).toContainText('This device was signed out.')
  await ada.connectionIs('live')
})

test.describe('a forgotten password', () => {
  test.use({ settings: { OPERATOR_TOKEN: 'of-the-operators-alone' } })

  test('is chosen anew by a link from the operators, once', async ({ newPerson, server }) => {
    const ada = await newPerson('Ada')
    await ada.registers(ADA)
    const answer = await fetch(`${server.url}/api/operator/reset-links`, {
      method: 'POST',
      headers: { authorization: 'Bearer of-the-operators-alone', 'content-type': 'application/json' },
      body: JSON.stringify({ login: ADA.login }),
    })
    const { path } = (await answer.json()) as { path: string }
    const elsewhere = await newPerson('Ada')
    const chooses = async () => {
      await elsewhere.opens(path)
      const form = elsewhere.page.getByRole('form', { name: 'Choose a new password' })
      await form.getByLabel('New password').fill('remembered from now on')
      await form.getByRole('button', { name: 'Save password and sign in' }).click()
    }
    const who = await ada.userId()
    await chooses()
    await elsewhere.connectionIs('live')
    expect(await elsewhere.userId()).toBe(who)
    await ada.connectionIs('signed-out')
    await chooses()
    await expect(elsewhere.page.getByText('This link does not work any more.')).toBeVisible()
  })
})

test('whoever goes takes their words along and leaves no name', async ({ newPerson, bob }) => {
  const ada = await newPerson('Ada')
  await ada.registers(ADA)
  await ada.writes('what I said')
  await bob.sees('what I said')
  await ada.opens('/settings')
  const download = ada.page.waitForEvent('download')
  await ada.page.getByRole('button', { name: 'Export my data' }).click()
  const exported = await readFile(await (await download).path(), 'utf8')
  expect(exported).toContain('what I said')

  await ada.page.getByRole('button', { name: 'Delete account' }).click()
  const dialog = ada.page.getByRole('dialog', { name: 'Delete your account?' })
  await dialog.getByLabel('Password', { exact: true }).fill(ADA.password)
  await dialog.getByRole('button', { name: 'Delete account' }).click()
  await expect(ada.page.getByRole('button', { name: 'Continue as guest' })).toBeVisible()
  await ada.signsIn(ADA)
  await expect(ada.page.getByText('don’t fit together')).toBeVisible()
  const cleo = await newPerson('Cleo')
  await cleo.continuesAsGuest()
  await cleo.sees('what I said')
  await expect(cleo.list).toContainText('Deleted account')
  await expect(cleo.list).not.toContainText('Ada')
})
