import { beforeEach, describe, expect, it } from 'vitest'
import { isGuessable, LoginName, NewPassword, Password } from '#protocol/account.ts'
import { LOBBY, type DeviceId } from '#protocol/ids.ts'
import { openTestCore, type TestCore } from '#server/testing/testCore.ts'
import {
  accountWith,
  allowReset,
  changePassword,
  demandReset,
  keepAccount,
  passwordHashOf,
  register,
  RESET_LIFE_MS,
  resetPassword,
  signIn,
} from './accounts.ts'
import type { Identity } from './core.ts'
import { devicesOf, signOutDevices, TooManyDevices } from './devices.ts'
import { meOf } from './people.ts'
import { postMessages } from './postMessages.ts'
import { refreshSession, verifySession, type Browser } from './sessions.ts'
import { code } from '#server/testing/code.ts'

let core: TestCore
let count = 0
beforeEach(async () => void (core = await openTestCore()))

/** A browser that was never here before. */
const browser = (more: Partial<Browser> = {}): Browser => ({ device: core.newId() as DeviceId, tokenHash: `token ${++count}`, ...more })
const as = ({ user, session }: Awaited<ReturnType<typeof register>>): Identity => ({
  user: user.id,
  tenant: user.tenant,
  session: session.id,
  device: session.deviceId,
  tab: core.newId() as Identity['tab'],
  permissions: [],
})
const zoe = (more: Partial<Browser> = {}) => register(core, { ...browser(more), login: 'zoe', passwordHash: 'hash of zoe' })
const zoeAgain = (id: Identity['user'], more: Partial<Browser> & { signOut?: DeviceId } = {}) =>
  signIn(core, { ...browser(), ...more, user: id, passwordHash: 'hash of zoe' })

describe('names and passwords', () => {
  it.each(['zoe', 'Zoe.Miller', 'zoe+chat@example.org', '0_o', ' zoe '])('%j is a name to sign in with', (name) => {
    expect(LoginName.parse(name)).toBe(name.trim().toLowerCase())
  })

  it.each(['zo', 'z'.repeat(65), '.zoe', 'zoe-', 'zoë', 'zoe miller', 'zo/e', 'z\u202eoe', ''])('%j is none', (name) => {
    expect(LoginName.safeParse(name).success).toBe(false)
  })

  it('are whatever is long enough and not what everybody tries first', () => {
    for (const text of ['correct horse', 'ünïcödé wörds', '   spaces   ', '🐎🔋📎🐎🔋📎🐎🔋📎🐎', 'Passwords are fun']) {
      expect(NewPassword.safeParse(text).success, text).toBe(true)
    }
    for (const text of ['short', 'aaaaaaaaaaaa', '1234567890', '0987654321', 'password123!', 'Qwertyuiop', 'abcdefghijk', 'tidemark2026']) {
      expect(NewPassword.safeParse(text).success, text).toBe(false)
    }
    expect(isGuessable('Qwertyuiop')).toBe(true)
    expect(NewPassword.safeParse('x'.repeat(2_000)).success).toBe(false)
    expect(NewPassword.safeParse('lone surrogate \ud800').success).toBe(false)
  })

  it('are the same however the keyboard composes them', () => {
    expect(Password.parse('Zoe\u0308 and ﬁve')).toBe(Password.parse('Zo\u00eb and five'))
  })
})

describe('a registered person', () => {
  it('is no guest, is called as they wish or as they sign in, and is in the lobby', async () => {
    const { user } = await zoe()
    expect(user).toMatchObject({ login: 'zoe', name: 'zoe', tenant: 'default' })
    const named = await register(core, { ...browser(), login: 'zoe2', passwordHash: 'h', name: 'Zoë' })
    expect(named.user.name).toBe('Zoë')
    expect(await meOf(core, as(named))).toMatchObject({ name: 'Zoë', isGuest: false })
    expect(await core.store.read((tx) => tx.membership(LOBBY, user.id))).toMatchObject({ person: { isGuest: false } })
  })

  it('has their login alone, among all who register at once', async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => code(zoe())))
    expect(outcomes.toSorted()).toEqual(['E_TAKEN', 'E_TAKEN', 'ok'])
    const elsewhere = await register(core, { ...browser(), login: 'zoe', passwordHash: 'h', tenant: 'other' })
    expect(elsewhere.user.tenant).toBe('other')
  })

  it('signs in again, on a session of its own, and when is recorded', async () => {
    const { user, session } = await zoe()
    core.advance(60_000)
    const again = await zoeAgain(user.id, { label: 'Firefox on Linux' })
    expect(again.user).toMatchObject({ id: user.id, lastLoginAt: core.now() })
    expect(again.session.id).not.toBe(session.id)
    expect((await core.store.read((tx) => tx.user(user.id)))?.lastLoginAt).toBe(core.now())
  })

  it('is found by login in their own tenant only, and their known devices with them', async () => {
    const { user, session } = await zoe()
    expect(await accountWith(core, 'zoe', session.deviceId)).toEqual({ user: user.id, passwordHash: 'hash of zoe', knowsDevice: true })
    expect(await accountWith(core, 'zoe', browser().device)).toMatchObject({ knowsDevice: false })
    expect(await accountWith(core, 'zoe', session.deviceId, 'other')).toBeUndefined()
    expect(await accountWith(core, 'nobody', session.deviceId)).toBeUndefined()
  })

  it('is not signed in with a password that was changed between the comparison and now', async () => {
    const signedIn = await zoe()
    await changePassword(core, as(signedIn), { passwordHash: 'hash of zoe', newPasswordHash: 'new', signOutOthers: false })
    expect(await code(zoeAgain(signedIn.user.id))).toBe('E_CREDENTIALS')
    expect(await passwordHashOf(core, as(signedIn))).toBe('new')
  })

  it('signs all others out with a new password when asked to, and stays', async () => {
    const signedIn = await zoe()
    const other = await zoeAgain(signedIn.user.id)
    const change = { passwordHash: 'hash of zoe', newPasswordHash: 'new', signOutOthers: true }
    const ended = await changePassword(core, as(signedIn), change)
    expect(ended.map(({ id }) => id)).toEqual([other.session.id])
    expect(await code(verifySession(core, other.session.id))).toBe('E_DEVICE_REVOKED')
    expect(await code(verifySession(core, signedIn.session.id))).toBe('ok')
    expect(await code(changePassword(core, as(signedIn), change))).toBe('E_CREDENTIALS')
  })
})

describe('a guest who keeps the account', () => {
  it('is the same person with the same session, conversations and messages, and their other tabs hear of it', async () => {
    const guest = await core.person('Ann')
    await postMessages(core, guest, { conv: LOBBY, messages: [core.draft('before')] })
    core.notices.length = 0
    const me = await keepAccount(core, guest, { login: 'ann', passwordHash: 'h' })
    expect(me).toMatchObject({ id: guest.user, name: 'Ann', isGuest: false })
    expect(core.notices).toMatchObject([{ kind: 'user', user: guest.user, event: { kind: 'profile', name: 'Ann', isGuest: false } }])
    expect(await code(verifySession(core, guest.session))).toBe('ok')
    const { user } = await signIn(core, { ...browser(), user: guest.user, passwordHash: 'h' })
    expect(user.id).toBe(guest.user)
    expect(await core.store.read((tx) => tx.messages(LOBBY, { after: 0, before: 9, limit: 9, from: 'start' }))).toMatchObject([
      { body: 'before', sender: guest.user },
    ])
  })

  it('keeps it once, under a name nobody has', async () => {
    await zoe()
    const guest = await core.person('Ann')
    expect(await code(keepAccount(core, guest, { login: 'zoe', passwordHash: 'h' }))).toBe('E_TAKEN')
    expect(await code(passwordHashOf(core, guest))).toBe('E_FORBIDDEN')
    await keepAccount(core, guest, { login: 'ann', passwordHash: 'h' })
    expect(await code(keepAccount(core, guest, { login: 'ann2', passwordHash: 'h' }))).toBe('E_FORBIDDEN')
  })
})

describe('a forgotten password', () => {
  const reset = (codeHash: string, more: Partial<Browser> & { signOutOthers?: boolean } = {}) =>
    resetPassword(core, { ...browser(), codeHash, passwordHash: 'new', signOutOthers: false, ...more })

  it('is replaced by a code, once, and the code signs in', async () => {
    const { user, session } = await zoe()
    const { expiresAt } = await allowReset(core, { login: 'zoe', codeHash: 'code' })
    expect(expiresAt).toBe(core.now() + RESET_LIFE_MS)
    expect(await code(demandReset(core, { codeHash: 'code' }))).toBe('ok')
    const signedIn = await reset('code')
    expect(signedIn).toMatchObject({ user: { id: user.id }, ended: [] })
    expect(await passwordHashOf(core, as(signedIn))).toBe('new')
    expect(await code(verifySession(core, session.id))).toBe('ok')
    expect([await code(reset('code')), await code(demandReset(core, { codeHash: 'code' }))]).toEqual(['E_NOT_FOUND', 'E_NOT_FOUND'])
  })

  it('of several codes uses up all, also when two are used at once', async () => {
    await zoe()
    for (const codeHash of ['one', 'two']) await allowReset(core, { login: 'zoe', codeHash })
    expect((await Promise.all([code(reset('one')), code(reset('two'))])).toSorted()).toEqual(['E_NOT_FOUND', 'ok'])
  })

  it('ends the other sessions on request, and so makes room', async () => {
    const { user } = await zoe()
    for (let n = 0; n < 4; n++) await zoeAgain(user.id)
    await allowReset(core, { login: 'zoe', codeHash: 'code' })
    // refused for want of room, it is not used up
    expect(await code(reset('code'))).toBe('E_DEVICE_LIMIT')
    expect((await reset('code', { signOutOthers: true })).ended).toHaveLength(5)
  })

  it('comes too late after an hour, and is for nobody who is not there', async () => {
    await zoe()
    expect(await code(allowReset(core, { login: 'nobody', codeHash: 'x' }))).toBe('E_NOT_FOUND')
    await allowReset(core, { login: 'zoe', codeHash: 'code' })
    core.advance(RESET_LIFE_MS)
    expect(await code(reset('code'))).toBe('E_NOT_FOUND')
  })
})

describe('devices', () => {
  it('are listed once each, the one used last first, however many sessions they had', async () => {
    const device = browser().device
    const { user, ...first } = await zoe({ device, label: 'Chrome on Windows' })
    core.advance(1_000)
    await zoeAgain(user.id, { label: 'Safari on macOS' })
    core.advance(1_000)
    await zoeAgain(user.id, { device, label: 'Chrome on Windows' })
    const devices = await devicesOf(core, as({ user, ...first }))
    expect(devices.map(({ label, sessions }) => [label, sessions.length])).toEqual([
      ['Chrome on Windows', 2],
      ['Safari on macOS', 1],
    ])
  })

  it('are five at most, also when many sign in at the same moment', async () => {
    const { user } = await zoe()
    const outcomes = await Promise.all([...Array(8).keys()].map(() => code(zoeAgain(user.id))))
    expect(outcomes.filter((outcome) => outcome === 'ok')).toHaveLength(4)
    expect(new Set(outcomes)).toEqual(new Set(['ok', 'E_DEVICE_LIMIT']))
  })

  it('a sixth is told of the five, and gets in when one of them is signed out for it', async () => {
    const first = await zoe()
    const { user } = first
    for (let n = 0; n < 4; n++) await zoeAgain(user.id)
    const refused = await zoeAgain(user.id).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(TooManyDevices)
    expect((refused as TooManyDevices).devices).toHaveLength(5)
    const { session, ended } = await zoeAgain(user.id, { signOut: first.session.deviceId })
    expect(ended).toMatchObject([{ id: first.session.id }])
    expect(await code(verifySession(core, session.id))).toBe('ok')
    expect(await code(verifySession(core, first.session.id))).toBe('E_DEVICE_REVOKED')
    // one of the five comes again: it is no sixth
    expect(await code(zoeAgain(user.id, { device: session.deviceId }))).toBe('ok')
  })

  it('that were signed out or not used for long make room', async () => {
    const { user } = await zoe()
    for (let n = 0; n < 4; n++) await zoeAgain(user.id)
    core.advance(31 * 24 * 60 * 60 * 1000)
    expect(await code(zoeAgain(user.id))).toBe('ok')
    expect(await core.store.read((tx) => tx.sessionsOf(user.id))).toHaveLength(6)
  })

  it('are signed out one by one or all but this, by their person only, and can not be renewed', async () => {
    const first = await zoe()
    const me = as(first)
    const [second, third] = [await zoeAgain(first.user.id), await zoeAgain(first.user.id, { tokenHash: 'of the third' })]
    const stranger = await core.person('Eve')
    expect(await signOutDevices(core, stranger, second.session.deviceId)).toEqual([])
    expect(await signOutDevices(core, me, second.session.deviceId)).toMatchObject([{ id: second.session.id }])
    expect(await signOutDevices(core, me, second.session.deviceId)).toEqual([])
    expect(await signOutDevices(core, me, 'others')).toMatchObject([{ id: third.session.id }])
    expect(await devicesOf(core, me)).toMatchObject([{ deviceId: first.session.deviceId }])
    const renewal = { tokenHash: 'of the third', madeFor: third.session.id, newTokenHash: 'x', device: third.session.deviceId }
    expect(await code(refreshSession(core, renewal))).toBe('E_DEVICE_REVOKED')
  })
})
