import type { CDPSession } from '@playwright/test'
import { expect, test } from '#e2e/support/fixtures.ts'
import type { Person } from '#e2e/support/person.ts'

const ADA = { login: 'ada', password: 'quite a long one' }

type Key = { cdp: CDPSession; authenticatorId: string }

/** Gives this browser a device that holds passkeys, with a person who shows their finger at once, or never. */
async function holdsKeys(person: Person, { isUserVerified = true } = {}): Promise<Key> {
  const cdp = await person.page.context().newCDPSession(person.page)
  await cdp.send('WebAuthn.enable')
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified,
      automaticPresenceSimulation: true,
    },
  })
  return { cdp, authenticatorId }
}

/** As services do that bring passkeys from one device of a person to another. */
async function carriesOver(from: Key, to: Key) {
  const { credentials } = await from.cdp.send('WebAuthn.getCredentials', { authenticatorId: from.authenticatorId })
  for (const credential of credentials) await to.cdp.send('WebAuthn.addCredential', { authenticatorId: to.authenticatorId, credential })
}

async function addsAPasskey(person: Person, password = ADA.password) {
  await person.page.getByRole('button', { name: 'Add a passkey' }).click()
  const form = person.page.getByRole('form', { name: 'Add a passkey' })
  await form.getByLabel('Password', { exact: true }).fill(password)
  await form.getByRole('button', { name: 'Continue' }).click()
}

async function asksForThePasskey(person: Person) {
  await person.opens('/')
  await person.page.getByRole('button', { name: 'Sign in' }).click()
  await person.page.getByRole('button', { name: 'Use a passkey' }).click()
}

test.describe('on a host that can have passkeys', () => {
  test.use({ host: 'localhost' })

  test('somebody adds a passkey and comes in with it from another browser, until the others are shut out with a new password', async ({
    newPerson,
  }) => {
    const ada = await newPerson('Ada')
    const key = await holdsKeys(ada)
    await ada.registers(ADA)
    const who = await ada.userId()
    await ada.opens('/settings')
    await addsAPasskey(ada, 'not the right one')
    await expect(ada.page.getByText('Check the password and try again.')).toBeVisible()
    await ada.page.getByRole('button', { name: 'Back' }).click()
    await addsAPasskey(ada)
    const rows = ada.page.getByTestId('passkey-row')
    await expect(rows).toHaveText(/^Chrome on Linux.*not used yet/)
    await addsAPasskey(ada)
    await expect(ada.page.getByText('This device holds a passkey of yours already.')).toBeVisible()

    const elsewhere = await newPerson('Ada')
    const copy = await holdsKeys(elsewhere)
    await carriesOver(key, copy)
    await asksForThePasskey(elsewhere)
    await elsewhere.connectionIs('live')
    expect(await elsewhere.userId()).toBe(who)
    await ada.reloads()
    await expect(rows).toContainText('last used')

    await ada.page.getByRole('button', { name: 'Change password' }).click()
    const change = ada.page.getByRole('form', { name: 'Change password' })
    await change.getByLabel('Old password').fill(ADA.password)
    await change.getByLabel('New password').fill('a newer long one')
    await expect(change.getByRole('checkbox', { name: /remove my passkeys/ })).toBeChecked()
    await change.getByRole('button', { name: 'Save password' }).click()
    await expect(rows).toHaveCount(0)
    await elsewhere.connectionIs('signed-out')
    await elsewhere.page.getByRole('dialog').waitFor()
  })

  test('a passkey that was removed opens nothing', async ({ newPerson }) => {
    const ada = await newPerson('Ada')
    await holdsKeys(ada)
    await ada.registers(ADA)
    await ada.opens('/settings')
    await addsAPasskey(ada)
    const rows = ada.page.getByTestId('passkey-row')
    await rows.getByRole('button', { name: /^Remove/ }).click()
    await expect(rows).toHaveCount(0)
    await ada.signsOut()
    await asksForThePasskey(ada)
    await expect(ada.page.getByText('This passkey could not be checked here.')).toBeVisible()
    await ada.fills('Sign in', ADA)
    await ada.page.keyboard.press('Enter')
    await ada.connectionIs('live')
  })

  test('who shows no passkey is told so, and has the password', async ({ newPerson }) => {
    const ada = await newPerson('Ada')
    await holdsKeys(ada, { isUserVerified: false })
    await asksForThePasskey(ada)
    await expect(ada.page.getByText('No passkey was shown.')).toBeVisible()
    await expect(ada.page.getByRole('form', { name: 'Sign in' }).getByRole('button', { name: 'Sign in' })).toBeEnabled()
  })
})

test('on an address there is no word of passkeys', async ({ newPerson }) => {
  const ada = await newPerson('Ada')
  await ada.registers(ADA)
  await ada.opens('/settings')
  await expect(ada.page.getByRole('button', { name: 'Change password' })).toBeVisible()
  await expect(ada.page.getByText(/passkey/i)).toHaveCount(0)
  await ada.signsOut()
  await ada.page.getByRole('button', { name: 'Sign in' }).click()
  await expect(ada.page.getByRole('form', { name: 'Sign in' })).toBeVisible()
  await expect(ada.page.getByText(/passkey/i)).toHaveCount(0)
})
