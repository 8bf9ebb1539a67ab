import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { PASSKEYS_MAX } from '#protocol/limits.ts'
import { PasskeyOptionsAnswer, PasskeysAnswer, type MadePasskey, type Passkey, type ShownPasskey } from '#protocol/passkey.ts'
import { authenticator, type Authenticator } from '#server/testing/authenticator.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'
import { visitor, type HttpAnswer, type Visitor } from '#server/testing/visitor.ts'

const PASSWORD = 'correct horse battery'
const ORIGIN = 'https://chat.example.org'
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
let server: TestServer
let people = 0
beforeAll(async () => void (server = await startServer({ env: { ORIGINS: `${ORIGIN},https://other.example.org,https://10.0.0.1` } })))
afterAll(() => server.stop())

const somebody = (origin = ORIGIN) => visitor(server.url, { userAgent: FIREFOX, origin })
async function registered(): Promise<Visitor> {
  const zoe = somebody()
  expect((await zoe.askHere('/api/session/register', { login: `kim${++people}`, password: PASSWORD })).status).toBe(200)
  return zoe
}
const optionsToMake = (who: Visitor, password = PASSWORD) => who.ask('POST', '/api/me/passkeys/options', { password })
const optionsIn = ({ body }: HttpAnswer) => PasskeyOptionsAnswer.parse(body).options
const made = async (who: Visitor, key: Authenticator) => key.make(optionsIn(await optionsToMake(who)))
const add = (who: Visitor, one: MadePasskey) => who.ask('POST', '/api/me/passkeys', { made: one })
const shown = async (who: Visitor, key: Authenticator) => key.show(optionsIn(await who.ask('POST', '/api/session/passkey/options', {})))
const signIn = (who: Visitor, one: ShownPasskey, more?: object) => who.askHere('/api/session/passkey', { shown: one, ...more })
const passkeysIn = ({ body }: HttpAnswer): Passkey[] => PasskeysAnswer.parse(body).passkeys

/** Somebody with a passkey. */
async function keyHolder(counter = 0) {
  const zoe = await registered()
  const held = { isVerified: true, counter }
  const key = authenticator(ORIGIN, held)
  const [passkey] = passkeysIn(await add(zoe, await made(zoe, key)))
  return { zoe, held, key, passkey: passkey! }
}

describe('a passkey', () => {
  it('signs its person in on another browser, by nothing else, and says when', async () => {
    const { zoe, key, passkey } = await keyHolder()
    expect(passkey).toMatchObject({ label: 'Firefox on Linux', usedAt: null })
    const again = somebody()
    expect((await signIn(again, await shown(again, key))).status).toBe(200)
    expect(again.me).toEqual(zoe.me)
    expect((await again.askHere('/api/session/refresh')).status).toBe(200)
    const [used] = passkeysIn(await again.ask('GET', '/api/me/passkeys'))
    expect(used).toEqual({ ...passkey, usedAt: expect.any(Number) as number })
  })

  it('opens nothing after it was taken away, and nobody else takes it away', async () => {
    const { zoe, key, passkey } = await keyHolder()
    const path = `/api/me/passkeys/${passkey.id}`
    expect(await (await registered()).ask('DELETE', path)).toMatchObject({ status: 404 })
    const before = await shown(somebody(), key)
    expect(passkeysIn(await zoe.ask('DELETE', path))).toEqual([])
    expect(await signIn(somebody(), before)).toMatchObject({ status: 403, body: { code: 'E_CREDENTIALS' } })
  })

  it('goes with the account, and is told of in the export', async () => {
    const { zoe, key } = await keyHolder()
    expect((await zoe.ask('GET', '/api/me/export')).body).toMatchObject({ passkeys: [{ label: 'Firefox on Linux' }] })
    await zoe.ask('POST', '/api/me/delete', { password: PASSWORD })
    const again = somebody()
    expect(await signIn(again, await shown(again, key))).toMatchObject({ body: { code: 'E_CREDENTIALS' } })
  })

  it('makes room as a password does, where somebody is signed in on as many devices as may be', async () => {
    const { zoe, key } = await keyHolder()
    for (let n = 0; n < 4; n++) {
      const one = somebody()
      expect((await signIn(one, await shown(one, key))).status).toBe(200)
    }
    const sixth = somebody()
    const full = await signIn(sixth, await shown(sixth, key))
    expect(full).toMatchObject({ status: 409, body: { code: 'E_DEVICE_LIMIT' } })
    expect(full.body['devices']).toHaveLength(5)
    expect((await signIn(sixth, await shown(sixth, key), { signOut: zoe.deviceId })).status).toBe(200)
    expect(await zoe.ask('GET', '/api/me')).toMatchObject({ body: { code: 'E_DEVICE_REVOKED' } })
  })

  it('is for registered people, not one twice, and as many as may be', async () => {
    const guest = somebody()
    await guest.askHere('/api/session/guest')
    expect(await optionsToMake(guest)).toMatchObject({ status: 403, body: { code: 'E_FORBIDDEN' } })

    const { zoe, key } = await keyHolder()
    expect(await add(zoe, await made(zoe, key))).toMatchObject({ status: 409, body: { code: 'E_ID_CONFLICT' } })
    const last = authenticator(ORIGIN)
    const tooLate = await made(zoe, last)
    for (let n = 1; n < PASSKEYS_MAX; n++) expect((await add(zoe, await made(zoe, authenticator(ORIGIN)))).status).toBe(200)
    expect(await add(zoe, tooLate)).toMatchObject({ status: 403 })
    expect(await optionsToMake(zoe)).toMatchObject({ status: 403 })
  })
})

describe('an intruder', () => {
  it('who sits down at an open page adds no way in', async () => {
    const zoe = await registered()
    expect(await optionsToMake(zoe, 'not the right one')).toMatchObject({ status: 403, body: { code: 'E_CREDENTIALS' } })
    expect(await zoe.ask('POST', '/api/me/passkeys/options', {})).toMatchObject({ status: 400, body: { code: 'E_INVALID' } })
  })

  it('who has added one is out when the others are signed out with a new password', async () => {
    const { zoe, key } = await keyHolder()
    const change = { password: PASSWORD, newPassword: 'another long one here', signOutOthers: true }
    expect((await zoe.ask('POST', '/api/me/password', change)).status).toBe(200)
    expect(await signIn(somebody(), await shown(somebody(), key))).toMatchObject({ body: { code: 'E_CREDENTIALS' } })
    expect(passkeysIn(await zoe.ask('GET', '/api/me/passkeys'))).toEqual([])
  })
})

describe('nobody comes in', () => {
  it('with an answer that was used before, or was given to another question', async () => {
    const { zoe, key } = await keyHolder()
    const eve = somebody()
    const once = await shown(somebody(), key)
    expect((await signIn(somebody(), once)).status).toBe(200)
    expect(await signIn(eve, once)).toMatchObject({ body: { code: 'E_CREDENTIALS' } })
    expect(await signIn(eve, key.show(optionsIn(await optionsToMake(zoe))))).toMatchObject({ body: { code: 'E_CREDENTIALS' } })
    expect(await signIn(eve, key.show({ challenge: 'bWFkZSB1cA' }))).toMatchObject({ body: { code: 'E_CREDENTIALS' } })
    const other = await registered()
    const hers = authenticator(ORIGIN)
    expect(await add(zoe, await made(other, hers)), 'a challenge of somebody else').toMatchObject({ body: { code: 'E_CREDENTIALS' } })
  })

  it('with another key under the same id, from a page of another host, without a finger, or with a copy that counts behind', async () => {
    const { key } = await keyHolder()
    const ofKim = await shown(somebody(), key)
    const forger = await shown(somebody(), authenticator(ORIGIN))
    expect(await signIn(somebody(), { ...forger, id: ofKim.id, rawId: ofKim.rawId })).toMatchObject({ body: { code: 'E_CREDENTIALS' } })

    const elsewhere = somebody('https://other.example.org')
    expect(await signIn(elsewhere, await shown(elsewhere, key))).toMatchObject({ body: { code: 'E_CREDENTIALS' } })

    const zoe = await registered()
    expect(await add(zoe, await made(zoe, authenticator(ORIGIN, { isVerified: false, counter: 0 })))).toMatchObject({
      body: { code: 'E_CREDENTIALS' },
    })
    const found = await keyHolder()
    found.held.isVerified = false
    expect(await signIn(somebody(), await shown(somebody(), found.key))).toMatchObject({ body: { code: 'E_CREDENTIALS' } })

    const counting = await keyHolder(7)
    expect(await signIn(somebody(), await shown(somebody(), counting.key)), 'as often as before').toMatchObject({ body: { code: 'E_CREDENTIALS' } })
    counting.held.counter = 8
    const both = [await shown(somebody(), counting.key), await shown(somebody(), counting.key)]
    const answers = await Promise.all(both.map((one) => signIn(somebody(), one)))
    expect(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      'it and its copy at once',
    ).toEqual([200, 403])
  })

  it('where the host can have none: an address, or no page at all', async () => {
    for (const origin of ['https://10.0.0.1', undefined]) {
      const nobody = visitor(server.url, { ...(origin !== undefined && { origin }) })
      expect(await nobody.ask('POST', '/api/session/passkey/options', {}), `${origin}`).toMatchObject({ status: 403, body: { code: 'E_FORBIDDEN' } })
    }
  })
})
