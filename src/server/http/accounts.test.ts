import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DeviceLimitAnswer, DevicesAnswer, type Device } from '#protocol/device.ts'
import { SessionAnswer } from '#protocol/session.ts'
import { openSqliteStore } from '#server/storage/openSqliteStore.ts'
import { dial, draft, until } from '#server/testing/dial.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'
import { visitor, type Visitor } from '#server/testing/visitor.ts'

const PASSWORD = 'correct horse battery'
const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
let server: TestServer
let people = 0
const lines: Record<string, unknown>[] = []
beforeAll(async () => void (server = await startServer({ env: { LOG_LEVEL: 'debug' }, onLog: (line) => lines.push(line) })))
afterAll(() => server.stop())

const newLogin = () => `zoe${++people}`
async function registered(login = newLogin()): Promise<Visitor & { login: string }> {
  const zoe = Object.assign(visitor(server.url), { login })
  expect((await zoe.askHere('/api/session/register', { login, password: PASSWORD })).status).toBe(200)
  return zoe
}
async function signedIn(login: string, more?: object): Promise<Visitor> {
  const again = visitor(server.url, { userAgent: FIREFOX })
  expect((await again.askHere('/api/session/login', { login, password: PASSWORD, ...more })).status).toBe(200)
  return again
}
const devicesOf = async (zoe: Visitor): Promise<Device[]> => DevicesAnswer.parse((await zoe.ask('GET', '/api/devices')).body).devices

describe('registering', () => {
  it('signs in at once, as no guest, with everything allowed', async () => {
    const zoe = visitor(server.url)
    const { status, body } = await zoe.askHere('/api/session/register', { login: 'Zoe.Miller', password: PASSWORD, name: 'Zoë' })
    expect(status).toBe(200)
    expect(SessionAnswer.parse(body).user).toMatchObject({ name: 'Zoë', isGuest: false })
    expect((await zoe.ask('GET', '/api/me')).body).toMatchObject({
      user: { name: 'Zoë', permissions: ['message:send', 'group:create', 'invite:create'] },
    })
  })

  it('says what is wrong with a name or a password, by field', async () => {
    const zoe = visitor(server.url)
    const register = (body: object) => zoe.askHere('/api/session/register', body)
    expect(await register({ login: 'z', password: PASSWORD })).toMatchObject({ status: 400, body: { code: 'E_INVALID', detail: /login/ as never } })
    expect(await register({ login: newLogin(), password: 'short' })).toMatchObject({ status: 400, body: { detail: /password/ as never } })
    const { login } = await registered()
    expect(await register({ login: login.toUpperCase(), password: PASSWORD })).toMatchObject({ status: 409, body: { code: 'E_TAKEN' } })
    expect(zoe.accessToken).toBe('')
  })
})

describe('signing in', () => {
  it('takes the right password, in any case of the name, on as many browsers as may be', async () => {
    const zoe = await registered()
    const again = await signedIn(zoe.login.toUpperCase())
    expect(again.me).toEqual(zoe.me)
    expect((await again.askHere('/api/session/refresh')).status).toBe(200)
  })

  it('says the same of a wrong password and of nobody', async () => {
    const zoe = await registered()
    const thief = visitor(server.url)
    const wrong = await thief.askHere('/api/session/login', { login: zoe.login, password: 'not the right one' })
    const nobody = await thief.askHere('/api/session/login', { login: 'nobody-at-all', password: PASSWORD })
    expect(wrong).toMatchObject({ status: 403, body: { code: 'E_CREDENTIALS' } })
    expect(nobody).toMatchObject({ status: wrong.status, body: wrong.body })
    expect(thief.cookie).toBe('')
  })

  it('is not to be guessed at: ten wrong ones, then a wait, which the owner’s own browser is spared', async () => {
    const zoe = await registered()
    const thief = visitor(server.url)
    const guess = () => thief.askHere('/api/session/login', { login: zoe.login, password: 'a guess, and a wrong one' })
    for (let n = 0; n < 10; n++) expect((await guess()).status).toBe(403)
    const refused = await guess()
    expect(refused).toMatchObject({ status: 429, body: { code: 'E_RATE', retryAfterMs: expect.any(Number) as number } })
    expect((await zoe.askHere('/api/session/login', { login: zoe.login, password: PASSWORD })).status).toBe(200)
  })

  it('counts only wrong ones', async () => {
    const zoe = await registered()
    for (let n = 0; n < 12; n++) expect((await zoe.askHere('/api/session/login', { login: zoe.login, password: PASSWORD })).status).toBe(200)
  })

  it('can not be tried without end from one address', async () => {
    const strict = await startServer({ env: { LIMIT_SIGNINS: '3' } })
    const statuses: number[] = []
    for (let n = 0; n < 4; n++)
      statuses.push((await visitor(strict.url).askHere('/api/session/login', { login: `name${n}`, password: PASSWORD })).status)
    expect(statuses).toEqual([403, 403, 403, 429])
    await strict.stop()
  })

  it('is in the log with what came of it, and no password and no token is', async () => {
    const zoe = await registered()
    lines.length = 0
    await signedIn(zoe.login)
    await zoe.askHere('/api/session/login', { login: zoe.login, password: 'not the right one' })
    const asked = 'POST /api/session/login'
    expect(lines.filter(({ event }) => event === 'auth')).toMatchObject([
      { asked, outcome: 'ok', user: zoe.me?.id, address: '127.0.0.1' },
      { asked, outcome: 'E_CREDENTIALS' },
    ])
    const log = JSON.stringify(lines)
    for (const secret of [PASSWORD, zoe.accessToken, zoe.cookie.split('=')[1] ?? '']) expect(log.includes(secret)).toBe(false)
  })
})

describe('a guest', () => {
  it('keeps the account with everything in it, on the connection that is open', async () => {
    const guest = await server.guest('Ann')
    const tab = await dial(server, guest)
    const ann = visitor(server.url)
    ann.accessToken = guest.accessToken
    const login = newLogin()
    const kept = await ann.ask('POST', '/api/me/account', { login, password: PASSWORD })
    expect(kept).toMatchObject({ status: 200, body: { user: { id: guest.user.id, name: 'Ann', isGuest: false } } })
    expect(await tab.hears('user:event')).toMatchObject({ kind: 'profile', name: 'Ann', isGuest: false })
    expect((await signedIn(login)).me?.id).toBe(guest.user.id)
    expect(await ann.ask('POST', '/api/me/account', { login, password: PASSWORD })).toMatchObject({ status: 403 })
    expect(
      await ann.ask('POST', '/api/me/password', { password: 'wrong, wrong, wrong', newPassword: 'another one, longer', signOutOthers: false }),
    ).toMatchObject({
      status: 403,
      body: { code: 'E_CREDENTIALS' },
    })
    tab.hangUp()
  })

  it('may do what registered people may as soon as they are one', async () => {
    const strict = await startServer({ env: { GUEST_PERMISSIONS: 'message:send' } })
    const guest = await strict.guest()
    const ann = visitor(strict.url)
    ann.accessToken = guest.accessToken
    const make = () => ann.ask('POST', '/api/conversations', { name: 'Boat', members: [] })
    expect((await make()).status).toBe(403)
    await ann.ask('POST', '/api/me/account', { login: 'ann', password: PASSWORD })
    expect((await make()).status).toBeLessThan(300)
    await strict.stop()
  })

  it('has no password to change', async () => {
    const ann = visitor(server.url)
    ann.accessToken = (await server.guest()).accessToken
    expect(await ann.ask('POST', '/api/me/password', { password: PASSWORD, newPassword: 'another one, longer', signOutOthers: true })).toMatchObject({
      status: 403,
      body: { code: 'E_FORBIDDEN' },
    })
  })
})

describe('devices', () => {
  it('are told apart by what they are, with the one that asks marked', async () => {
    const zoe = await registered()
    await signedIn(zoe.login)
    const tab = await dial(server, zoe)
    expect(await devicesOf(zoe)).toEqual([
      expect.objectContaining({ deviceId: zoe.deviceId, label: 'A browser', isThis: true, isConnected: true }),
      expect.objectContaining({ label: 'Firefox on Linux', isThis: false, isConnected: false }),
    ])
    tab.hangUp()
  })

  it('a sixth is refused with the list, and let in for one of them, whose connection is cut', async () => {
    const zoe = await registered()
    for (let n = 0; n < 4; n++) await signedIn(zoe.login)
    const tab = await dial(server, zoe)
    const sixth = visitor(server.url)
    const refused = await sixth.askHere('/api/session/login', { login: zoe.login, password: PASSWORD })
    expect(refused.status).toBe(409)
    const { devices } = DeviceLimitAnswer.parse(refused.body)
    expect(devices).toHaveLength(5)
    expect(devices.filter(({ isThis }) => isThis)).toEqual([])
    expect(sixth.cookie).toBe('')
    expect((await sixth.askHere('/api/session/login', { login: zoe.login, password: PASSWORD, signOut: zoe.deviceId })).status).toBe(200)
    expect(await tab.hears('server:farewell')).toMatchObject({ code: 'DEVICE_REVOKED' })
    expect((await zoe.askHere('/api/session/refresh')).body).toMatchObject({ code: 'E_DEVICE_REVOKED' })
    tab.hangUp()
  })

  it('are signed out from another one, live connections included', async () => {
    const zoe = await registered()
    const [second, third] = [await signedIn(zoe.login), await signedIn(zoe.login)]
    const tab = await dial(server, second)
    expect((await zoe.ask('DELETE', `/api/devices/${second.deviceId}`)).status).toBe(200)
    expect(await tab.hears('server:farewell')).toMatchObject({ code: 'DEVICE_REVOKED' })
    expect((await second.ask('GET', '/api/me')).body).toMatchObject({ code: 'E_DEVICE_REVOKED' })
    expect((await zoe.ask('POST', '/api/devices/sign-out-others')).status).toBe(200)
    expect((await third.ask('GET', '/api/me')).status).toBe(401)
    expect((await devicesOf(zoe)).map(({ isThis }) => isThis)).toEqual([true])
    tab.hangUp()
  })

  it('of other people are out of reach', async () => {
    const [zoe, eve] = [await registered(), await registered()]
    await eve.ask('DELETE', `/api/devices/${zoe.deviceId}`)
    expect((await zoe.ask('GET', '/api/me')).status).toBe(200)
  })
})

describe('a new password', () => {
  it('needs the old one, signs the others out when asked to, and is the one from then on', async () => {
    const zoe = await registered()
    const other = await signedIn(zoe.login)
    const change = (password: string) => zoe.ask('POST', '/api/me/password', { password, newPassword: 'another one, longer', signOutOthers: true })
    expect((await change('not the right one')).body).toMatchObject({ code: 'E_CREDENTIALS' })
    expect((await other.ask('GET', '/api/me')).status).toBe(200)
    expect((await change(PASSWORD)).status).toBe(200)
    expect((await other.ask('GET', '/api/me')).status).toBe(401)
    expect((await zoe.ask('GET', '/api/me')).status).toBe(200)
    const again = visitor(server.url)
    expect((await again.askHere('/api/session/login', { login: zoe.login, password: PASSWORD })).status).toBe(403)
    expect((await again.askHere('/api/session/login', { login: zoe.login, password: 'another one, longer' })).status).toBe(200)
  })
})

describe('leaving for good', () => {
  it('takes everything along first, as a file', async () => {
    const zoe = await registered()
    await zoe.ask('POST', '/api/messages', { conv: 'lobby', messages: [draft('to be taken along')] })
    const answer = await zoe.ask('GET', '/api/me/export')
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="tidemark-export.json"')
    expect(answer.body).toMatchObject({ person: { login: zoe.login }, conversations: [{ kind: 'lobby' }] })
    expect(JSON.stringify(answer.body)).toContain('to be taken along')
  })

  it('asks registered people for their password, and cuts every connection of theirs', async () => {
    const zoe = await registered()
    const tab = await dial(server, zoe)
    expect((await zoe.ask('POST', '/api/me/delete', {})).body).toMatchObject({ code: 'E_CREDENTIALS' })
    expect((await zoe.ask('POST', '/api/me/delete', { password: 'not the right one' })).body).toMatchObject({ code: 'E_CREDENTIALS' })
    expect((await zoe.ask('POST', '/api/me/delete', { password: PASSWORD })).status).toBe(200)
    expect(await tab.hears('server:farewell')).toMatchObject({ code: 'SIGNED_OUT' })
    expect((await zoe.ask('GET', '/api/me')).status).toBe(401)
    expect((await visitor(server.url).askHere('/api/session/login', { login: zoe.login, password: PASSWORD })).status).toBe(403)
    tab.hangUp()
  })

  it('is a matter of one request for guests', async () => {
    const ann = visitor(server.url)
    await ann.askHere('/api/session/guest')
    expect((await ann.ask('POST', '/api/me/delete', {})).status).toBe(200)
    expect((await ann.askHere('/api/session/refresh')).body).toMatchObject({ code: 'E_AUTH_INVALID' })
  })

  it('happens by itself to guests who do not come any more', async () => {
    const own = await startServer({ timing: { GUEST_SWEEP_MS: 50 } })
    const [gone, here] = [await own.guest('Gone'), await own.guest('Here')]
    const store = await openSqliteStore({ dir: own.dataDir, newId: randomUUID })
    await store.transact(async (tx) => {
      await tx.updateUser(gone.user.id, { lastSeenAt: 1 })
      await tx.updateSession(gone.sessionId, { lastSeenAt: 1 })
    })
    await until(async () => (await store.read((tx) => tx.user(gone.user.id)))?.name === 'Deleted account')
    expect((await store.read((tx) => tx.user(here.user.id)))?.name).toBe('Here')
    await store.close()
    await own.stop()
  })
})
