import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Action } from '@reduxjs/toolkit'
import * as z from 'zod/mini'
import { CODES, isStop, type Code } from '#protocol/codes.ts'
import type { DeviceId, UserId } from '#protocol/ids.ts'
import { refusal } from '#protocol/reply.ts'
import type { Me } from '#protocol/session.ts'
import { startServer, type TestServer } from '#server/testing/startServer.ts'
import { virtualClock } from '#testing/virtualClock.ts'
import { browserClock } from './browserPorts.ts'
import type { Channel, Locks } from './ports.ts'
import { openSession, type SessionNews } from './session.ts'
import { TIMING } from './timing.ts'

type Asked = {
  path: string
  bearer: string | null
  body: unknown
  outlives: boolean
  reply: (response: Response) => void
  answer: (status: number, body: object) => void
}

const memoryArea = () => {
  const held = new Map<string, string>()
  return {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
  }
}

/** What one tab says the others hear. */
function channels() {
  const listeners = new Set<(news: SessionNews) => void>()
  return (): Channel<SessionNews> => {
    let mine: ((news: SessionNews) => void) | undefined
    return {
      post: (news) => [...listeners].filter((one) => one !== mine).forEach((one) => one(news)),
      subscribe: (listener) => {
        mine = listener
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      close: () => {},
    }
  }
}

/** A machine may be busy. */
const PATIENTLY = { timeout: 60_000 }
const settled = () => new Promise((resolve) => setTimeout(resolve))
// What is loaded when somebody comes in first is there at once from here on.
beforeAll(() => import('./comingIn.ts'))

/** A server that answers when the test says so. */
function world({
  local = memoryArea(),
  tabs = channels(),
  locks,
}: { local?: ReturnType<typeof memoryArea>; tabs?: ReturnType<typeof channels>; locks?: Locks } = {}) {
  const asked: Asked[] = []
  const told: string[] = []
  const answered: boolean[] = []
  const clock = virtualClock(0)
  const session = openSession({
    dispatch: ((action: Action) => told.push(action.type)) as never,
    base: '',
    fetch: (path, how) =>
      new Promise((resolve) => {
        asked.push({
          path,
          bearer: new Headers(how.headers).get('authorization'),
          body: typeof how.body === 'string' ? JSON.parse(how.body) : undefined,
          outlives: how.keepalive ?? false,
          reply: resolve,
          answer: (status, body) => resolve(Response.json(body, { status })),
        })
      }),
    deviceId: () => 'device' as DeviceId,
    memory: { local, session: memoryArea() },
    tabs: tabs(),
    locks,
    clock,
    answered: (byServer) => answered.push(byServer),
    timeoutMs: TIMING.HTTP_MS,
  })
  const to = (path: string) => asked.filter((one) => one.path === path)
  const signIn = async (answer = signedIn('old'), way: 'guest' | 'login' = 'guest') => {
    const entered = session.enter(way, { login: 'somebody', password: 'a long one' })
    await settled()
    to(`/api/session/${way}`).at(-1)!.answer(200, answer)
    await entered
    return answer.user
  }
  return { session, local, told, answered, clock, asked, to, signIn }
}

const REFUSED = { code: 'E_AUTH_EXPIRED', message: 'Your sign-in is being renewed.' }
const ANN: Me = { id: '00000000-0000-7000-8000-000000000002' as UserId, name: 'Ann', isGuest: true, permissions: [] }
const BEN: Me = { ...ANN, id: '00000000-0000-7000-8000-000000000003' as UserId, name: 'Ben' }
const signedIn = (accessToken: string, user = ANN) => ({
  accessToken,
  expiresInMs: 600_000,
  sessionId: '00000000-0000-7000-8000-000000000001',
  user,
})
const Fine = z.object({ fine: z.boolean() })

describe('an answer', () => {
  const PAGE = '<!doctype html><title>Welcome to the café</title>'
  /** Breaks off in the middle of what it says. */
  const brokenOff = () =>
    new ReadableStream({
      start: (stream) => {
        stream.enqueue(new TextEncoder().encode('{"fine":'))
        stream.error(new TypeError('terminated'))
      },
    })

  it.each<[string, () => Response, boolean[]]>([
    ['that is JSON, whatever it says, is the server’s', () => Response.json({ fine: true }), [true]],
    ['that refuses is the server’s', () => Response.json(REFUSED, { status: 500 }), [true]],
    ['that is a page is of whoever stands in the way', () => new Response(PAGE), [false]],
    ['that leads elsewhere is of whoever stands in the way', () => new Response(null, { status: 302 }), [false]],
    ['that asks for a sign-in to the network says so itself', () => new Response(PAGE, { status: 511 }), [false]],
    ['of a proxy about trouble says nothing about the network', () => new Response(PAGE, { status: 502 }), []],
    ['that breaks off is none', () => new Response(brokenOff()), []],
  ])('%s', async (_, response, expected) => {
    const { session, to, answered } = world()
    const entered = session.enter('guest', {})
    await settled()
    to(GUEST)[0]!.reply(response())
    expect(await entered).toMatchObject({ ok: false })
    expect(answered).toEqual(expected)
  })

  it('that never comes is none', async () => {
    const { session, clock, answered } = world()
    const entered = session.enter('guest', {})
    await settled()
    await clock.advance(TIMING.HTTP_MS)
    expect(await entered).toMatchObject({ ok: false, code: 'E_TIMEOUT' })
    expect(answered).toEqual([])
  })
})

it('an answer that takes long is waited for as long as was said', async () => {
  const { session, to, signIn, clock } = world()
  await signIn()
  const asked = session.ask('GET', '/api/x', Fine, undefined, TIMING.HTTP_MS * 5)
  await settled()
  await clock.advance(TIMING.HTTP_MS * 4)
  to('/api/x')[0]!.answer(200, { fine: true })
  expect(await asked).toMatchObject({ ok: true })
})

it('what somebody wished for outlives the page that asked for it, unless it is more than a browser lets', async () => {
  const { session, asked, to, signIn } = world()
  await signIn()
  for (const [method, body] of [
    ['GET', undefined],
    ['PUT', { wish: 'nobody' }],
    ['DELETE', undefined],
    ['POST', { jpeg: 'x'.repeat(85_000) }],
  ] as const)
    void session.ask(method, '/api/x', Fine, body)
  await settled()
  expect(to('/api/x').map(({ outlives }) => outlives)).toEqual([false, true, true, false])
  // a late cookie would take the place of a later one's
  void session.signOut('nothing')
  await settled()
  expect(asked.filter(({ path }) => path.startsWith('/api/session/')).map(({ outlives }) => outlives)).toEqual([false, false])
})

describe('requests that are told that the token ran out', () => {
  it('ten at once: one renewal, then each goes once more and succeeds', async () => {
    const { session, to, signIn } = world()
    await signIn()
    const replies = Array.from({ length: 10 }, () => session.ask('GET', '/api/x', Fine))
    await settled()
    expect(to('/api/x')).toHaveLength(10)
    for (const one of to('/api/x')) one.answer(401, REFUSED)
    await settled()
    expect(to('/api/session/refresh')).toHaveLength(1)
    to('/api/session/refresh')[0]!.answer(200, signedIn('new'))
    await settled()
    const again = to('/api/x').slice(10)
    expect(again.map((one) => one.bearer)).toEqual(Array(10).fill('Bearer new'))
    for (const one of again) one.answer(200, { fine: true })
    expect(await Promise.all(replies)).toEqual(replies.map(() => ({ ok: true, fine: true })))
    expect(to('/api/session/refresh')).toHaveLength(1)
  })

  it('told only after another one had it renewed: no second renewal', async () => {
    const { session, to, signIn } = world()
    await signIn()
    const replies = [session.ask('GET', '/api/x', Fine), session.ask('GET', '/api/x', Fine)]
    await settled()
    const [quick, slow] = to('/api/x')
    quick!.answer(401, REFUSED)
    await settled()
    to('/api/session/refresh')[0]!.answer(200, signedIn('new'))
    await settled()
    slow!.answer(401, REFUSED)
    await settled()
    for (const one of to('/api/x').slice(2)) one.answer(200, { fine: true })
    expect(await Promise.all(replies)).toEqual(replies.map(() => ({ ok: true, fine: true })))
    expect(to('/api/session/refresh')).toHaveLength(1)
  })

  it('told so again with a fresh token: the refusal is the answer, and nothing goes round in circles', async () => {
    const { session, to, signIn } = world()
    await signIn()
    const reply = session.ask('GET', '/api/x', Fine)
    await settled()
    to('/api/x')[0]!.answer(401, REFUSED)
    await settled()
    to('/api/session/refresh')[0]!.answer(200, signedIn('new'))
    await settled()
    to('/api/x')[1]!.answer(401, REFUSED)
    expect(await reply).toMatchObject({ ok: false, code: 'E_AUTH_EXPIRED' })
    expect(to('/api/x')).toHaveLength(2)
  })
})

describe('the access token', () => {
  it('is kept nowhere but in memory', async () => {
    const { local, signIn } = world()
    await signIn()
    for (const key of ['tidemark:me', 'tidemark:leaving']) expect(local.getItem(key) ?? '').not.toContain('old')
    expect(local.getItem('tidemark:me')).toContain('Ann')
  })
})

const REFRESH = '/api/session/refresh'
const GUEST = '/api/session/guest'
const LOGOUT = '/api/session/logout'
const page = (status: number) =>
  new Response('<!doctype html><title>Sign in to the hotel</title>', { status, headers: { 'content-type': 'text/html' } })

describe('an answer that is not from this server', () => {
  it.each([
    ['a page', 401, page(401)],
    ['a page', 403, page(403)],
    ['somebody else’s JSON', 401, Response.json({ error: 'proxy authentication required' }, { status: 401 })],
    ['somebody else’s JSON with a code', 403, Response.json({ code: 'blocked', message: 'by policy' }, { status: 403 })],
    ['a page that looks well', 200, page(200)],
  ])('signs nobody out: %s with %i', async (_, status, response) => {
    const { session, local, to, signIn } = world()
    const me = await signIn()
    const renewal = session.tokenOf(me).renew()
    await settled()
    to(REFRESH)[0]!.reply(response)
    expect([status, await renewal]).toEqual([status, 'failed'])
    expect(session.tokenOf(me).current()?.value).toBe('old')
    expect(local.getItem('tidemark:me')).toContain('Ann')
  })

  it.each(Object.keys(CODES) as Code[])('and one that is: %s ends the session when its class is to stop, and else does not', async (code) => {
    const { session, to, signIn } = world()
    const me = await signIn()
    const renewal = session.tokenOf(me).renew()
    await settled()
    to(REFRESH)[0]!.answer(401, { code, message: 'words' })
    expect(await renewal).toBe(isStop(code) ? 'denied' : 'failed')
  })

  it('is no success of a request either', async () => {
    const { session, to, signIn } = world()
    await signIn()
    const reply = session.ask('POST', '/api/conversations/1/leave', z.object({}))
    await settled()
    to('/api/conversations/1/leave')[0]!.reply(page(200))
    expect(await reply).toMatchObject({ ok: false, code: 'E_TIMEOUT' })
  })

  it('is no proof that the server heard of a sign-out: it is told next time', async () => {
    const { session, local, to, signIn } = world()
    const me = await signIn()
    const out = session.signOut('nothing')
    await settled()
    to(LOGOUT)[0]!.reply(page(200))
    await out
    const next = world({ local })
    await next.session.resume()
    expect(next.asked.map(({ path, body }) => [path, body])).toEqual([[LOGOUT, { user: me.id }]])
    next.to(LOGOUT)[0]!.answer(200, {})
    await settled()
    expect(next.told).toEqual(['nobodySignedIn'])
    expect(local.getItem('tidemark:leaving')).toBeNull()
  })
})

describe('a tab that shows one person while the browser’s cookie is another’s', () => {
  /** A tab that shows Ann, whose browser is Ben's meanwhile. */
  async function beside() {
    const local = memoryArea()
    local.setItem('tidemark:me', JSON.stringify(ANN))
    const tab = world({ local })
    await tab.session.resume()
    return tab
  }

  it('asks nothing in that person’s name', async () => {
    const { session, asked, to } = await beside()
    const replies = [session.ask('POST', '/api/x', Fine), session.ask('POST', '/api/x', Fine)]
    await settled()
    to(REFRESH)[0]!.answer(200, signedIn('of Ben', BEN))
    expect(await Promise.all(replies)).toMatchObject(replies.map(() => ({ ok: false, code: 'E_AUTH_INVALID' })))
    const later = session.ask('POST', '/api/x', Fine)
    await settled()
    to(REFRESH)[1]!.answer(200, signedIn('of Ben', BEN))
    expect(await later).toMatchObject({ ok: false, code: 'E_AUTH_INVALID' })
    expect(asked.map(({ path }) => path)).toEqual([REFRESH, REFRESH])
  })

  it('does not repeat a request in that person’s name', async () => {
    const { session, to, signIn } = world()
    await signIn()
    const replies = [session.ask('POST', '/api/x', Fine), session.ask('POST', '/api/x', Fine)]
    await settled()
    to('/api/x')[0]!.answer(401, REFUSED)
    await settled()
    to(REFRESH)[0]!.answer(200, signedIn('of Ben', BEN))
    await settled()
    to('/api/x')[1]!.answer(401, REFUSED)
    await settled()
    to(REFRESH)[1]!.answer(200, signedIn('of Ben', BEN))
    expect(await Promise.all(replies)).toMatchObject(replies.map(() => ({ ok: false, code: 'E_AUTH_INVALID' })))
    expect(to('/api/x')).toHaveLength(2)
  })

  it('says that the server could not be asked when that is so', async () => {
    const { session, to } = await beside()
    const reply = session.ask('POST', '/api/x', Fine)
    await settled()
    to(REFRESH)[0]!.reply(page(502))
    expect(await reply).toMatchObject({ ok: false, code: 'E_TIMEOUT' })
    expect(to('/api/x')).toEqual([])
  })

  it('signs out only who it shows', async () => {
    const tabs = channels()
    const local = memoryArea()
    const ann = world({ local, tabs })
    await ann.signIn()
    const ben = world({ local, tabs })
    const also = world({ local, tabs })
    await also.session.resume()
    await ben.signIn(signedIn('of Ben', BEN), 'login')
    const renewal = ann.session.tokenOf(ANN).renew()
    await settled()
    ann.to(REFRESH)[0]!.answer(200, signedIn('of Ben', BEN))
    expect(await renewal).toBe('denied')
    void ann.session.signOut('nothing')
    await settled()
    expect(ann.to(LOGOUT)).toMatchObject([{ bearer: null, body: { user: ANN.id } }])
    expect([ann.told.at(-1), also.told.at(-1), ben.told.at(-1)]).toEqual(['signedOut', 'signedOut', 'sessionStarted'])
    expect(ben.session.tokenOf(BEN).current()?.value).toBe('of Ben')
    expect(local.getItem('tidemark:me')).toContain('Ben')
  })

  it('asks nothing when nobody is signed in', async () => {
    const { session, asked } = world()
    expect(await session.ask('POST', '/api/x', Fine)).toMatchObject({ ok: false, code: 'E_AUTH_INVALID' })
    expect(asked).toEqual([])
  })
})

describe('tabs of one browser', () => {
  /** A lock of which nobody lets go. */
  const stuck: Locks = { hold: () => () => {}, steal: () => () => {} }
  /** Each waits for the one before. */
  const locksOf = (): Locks => {
    const last = new Map<string, Promise<void>>()
    const hold: Locks['hold'] = (name, { taken }) => {
      let end = () => {}
      void (last.get(name) ?? Promise.resolve()).then(taken)
      last.set(name, new Promise((resolve) => (end = resolve)))
      return end
    }
    return { hold, steal: hold }
  }

  it('that all ask for a new guest at once get one, whom they share', async () => {
    const [tabs, local, locks] = [channels(), memoryArea(), locksOf()]
    const first = world({ local, tabs, locks })
    await first.signIn()
    const all = [first, ...Array.from({ length: 9 }, () => world({ local, tabs, locks }))]
    for (const one of all.slice(1)) await one.session.resume()
    const entered = all.map(({ session }) => session.enter('guest', {}))
    await settled()
    first.to(GUEST).at(-1)!.answer(200, signedIn('of Ben', BEN))
    for (const one of all.slice(1)) {
      await vi.waitFor(() => expect(one.to(REFRESH)).toHaveLength(1), PATIENTLY)
      one.to(REFRESH)[0]!.answer(200, signedIn('of Ben', BEN))
    }
    expect(await Promise.all(entered)).toEqual(all.map(() => ({ ok: true, user: BEN })))
    expect(all.flatMap(({ to }) => to(GUEST))).toHaveLength(2)
  })

  it('whose tokens run out at once ask for one', async () => {
    const [tabs, local, locks] = [channels(), memoryArea(), locksOf()]
    const first = world({ local, tabs, locks })
    const me = await first.signIn()
    const all = [first, ...Array.from({ length: 9 }, () => world({ local, tabs, locks }))]
    for (const one of all.slice(1)) await one.session.resume()
    const renewals = all.map(({ session }) => session.tokenOf(me).renew())
    await settled()
    expect(all.flatMap(({ to }) => to(REFRESH))).toHaveLength(1)
    first.to(REFRESH)[0]!.answer(200, signedIn('for all'))
    expect(await Promise.all(renewals)).toEqual(all.map(() => 'ok'))
    expect(all.map(({ session }) => session.tokenOf(me).current()?.value)).toEqual(all.map(() => 'for all'))
    expect(all.flatMap(({ to }) => to(REFRESH))).toHaveLength(1)
  })

  it('that show somebody else take no token of theirs', async () => {
    const [tabs, local, locks] = [channels(), memoryArea(), locksOf()]
    const ann = world({ local, tabs, locks })
    const me = await ann.signIn()
    const ben = world({ local, tabs, locks })
    await ben.signIn(signedIn('of Ben', BEN), 'login')
    const renewal = ben.session.tokenOf(BEN).renew()
    await settled()
    ben.to(REFRESH)[0]!.answer(200, signedIn('of Ben again', BEN))
    expect(await renewal).toBe('ok')
    expect(ann.session.tokenOf(me).current()?.value).toBe('old')
    expect(ann.session.tokenOf(BEN).current()).toBeUndefined()
  })

  it('do not wait for ever for one that was frozen as it came in', async () => {
    const { session, clock, to } = world({ locks: stuck })
    const entered = session.enter('guest', {})
    await settled()
    expect(to(GUEST)).toEqual([])
    await clock.advance(TIMING.HTTP_MS)
    await settled()
    to(GUEST)[0]!.answer(200, signedIn('new'))
    expect(await entered).toMatchObject({ ok: true })
  })

  it('leave the welcome page together', async () => {
    const [tabs, local] = [channels(), memoryArea()]
    const one = world({ local, tabs })
    const two = world({ local, tabs })
    await one.signIn()
    await settled()
    two.to(REFRESH)[0]!.answer(200, signedIn('also'))
    await vi.waitFor(() => expect(two.told).toEqual(['sessionStarted']), PATIENTLY)
    expect(two.session.tokenOf(ANN).current()?.value).toBe('also')
  })

  it('come back together when their person signs in again in one of them, and take nobody else', async () => {
    const [tabs, local] = [channels(), memoryArea()]
    const one = world({ local, tabs })
    await one.signIn()
    const two = world({ local, tabs })
    await two.session.resume()
    await one.signIn(signedIn('of Ben', BEN), 'login')
    await settled()
    expect([two.told, two.to(REFRESH)]).toEqual([['sessionStarted'], []])
    await one.signIn(signedIn('again'), 'login')
    await settled()
    two.to(REFRESH)[0]!.answer(200, signedIn('also again'))
    await vi.waitFor(() => expect(two.told).toEqual(['sessionStarted', 'sessionStarted']), PATIENTLY)
  })
})

describe('a refused way in', () => {
  it('tells all that the server said, for it may say more than a code', async () => {
    const { session, to } = world()
    const entered = session.enter('login', { login: 'ann', password: 'right one' })
    await settled()
    const body = { code: 'E_DEVICE_LIMIT', message: 'Five.', devices: [] }
    to('/api/session/login')[0]!.answer(409, body)
    expect(await entered).toEqual({ ...refusal('E_DEVICE_LIMIT', { detail: 'Five.' }), answer: body })
  })
})

describe('after signing out', () => {
  it('a renewal that was under way brings nothing back', async () => {
    const { session, local, told, to, signIn } = world()
    const me = await signIn()
    const renewal = session.tokenOf(me).renew()
    await settled()
    const out = session.signOut('nothing')
    to(REFRESH)[0]!.answer(200, signedIn('late'))
    expect(await renewal).toBe('denied')
    await settled()
    to(LOGOUT)[0]!.answer(200, {})
    await out
    expect(session.tokenOf(me).current()).toBeUndefined()
    expect(local.getItem('tidemark:me')).toBeNull()
    expect(told).toEqual(['sessionStarted', 'signedOut'])
  })

  it('nor does one of another tab, whether or not the server was told', async () => {
    const tabs = channels()
    const local = memoryArea()
    const [first, second] = [world({ local, tabs }), world({ local, tabs })]
    await first.signIn()
    await second.session.resume()
    const renewal = second.session.tokenOf(ANN).renew()
    await settled()
    const out = first.session.signOut('nothing')
    await settled()
    first.to(LOGOUT)[0]!.answer(200, {})
    await out
    second.to(REFRESH)[0]!.answer(200, signedIn('late'))
    expect(await renewal).toBe('denied')
    expect(second.session.tokenOf(ANN).current()).toBeUndefined()
    expect(local.getItem('tidemark:me')).toBeNull()
  })

  it('nobody renews for the one who left, nor does a tab that heard nothing of it', async () => {
    const local = memoryArea()
    const [first, deaf] = [world({ local }), world({ local })]
    await first.signIn()
    await deaf.session.resume()
    void first.session.signOut('nothing')
    expect(await first.session.tokenOf(ANN).renew()).toBe('denied')
    const renewal = deaf.session.tokenOf(ANN).renew()
    await settled()
    deaf.to(REFRESH)[0]!.answer(200, signedIn('new'))
    expect(await renewal).toBe('denied')
    expect(first.to(REFRESH)).toEqual([])
    expect([local.getItem('tidemark:me'), local.getItem('tidemark:leaving')]).toEqual([null, ANN.id])
  })

  it('a page that keeps nothing brings nobody back either', async () => {
    const broken = () => {
      throw new Error('blocked')
    }
    const { session, to, signIn } = world({ local: { getItem: broken, setItem: broken, removeItem: broken } })
    await signIn()
    const renewal = session.tokenOf(ANN).renew()
    await settled()
    void session.signOut('nothing')
    to(REFRESH)[0]!.answer(200, signedIn('late'))
    expect(await renewal).toBe('denied')
    await settled()
    expect(to(LOGOUT)).toMatchObject([{ bearer: 'Bearer old', body: { user: ANN.id } }])
  })

  it('the page that comes next shows nobody while the server can not be told', async () => {
    const { session, local, clock, signIn } = world()
    await signIn()
    const out = session.signOut('nothing')
    await clock.advance(TIMING.HTTP_MS)
    await out
    const next = world({ local })
    await next.session.resume()
    next.to(LOGOUT)[0]!.answer(503, { code: 'E_BUSY', message: 'words' })
    await settled()
    expect(next.told).toEqual(['nobodySignedIn'])
    expect(local.getItem('tidemark:leaving')).toBe(ANN.id)
  })

  it('the server hears of it before the next one signs in, whose cookie its answer would take', async () => {
    const { session, to, signIn } = world()
    await signIn()
    void session.signOut('nothing')
    const entered = session.enter('guest', {})
    await settled()
    expect(to('/api/session/guest')).toHaveLength(1)
    to('/api/session/logout')[0]!.answer(200, {})
    await settled()
    to('/api/session/guest')[1]!.answer(200, signedIn('of Ben', BEN))
    expect(await entered).toMatchObject({ ok: true, user: BEN })
  })

  it('the server that has not heard of it is told first next time, and keeps nobody waiting for ever', async () => {
    const before = world()
    await before.signIn()
    void before.session.signOut('nothing')
    const { session, to, clock, told } = world({ local: before.local })
    await session.resume()
    expect(told).toEqual(['nobodySignedIn'])
    const entered = session.enter('guest', {})
    await settled()
    expect(to('/api/session/logout')).toHaveLength(1)
    await clock.advance(TIMING.HTTP_MS)
    await settled()
    to('/api/session/guest')[0]!.answer(200, signedIn('of Ben', BEN))
    expect(await entered).toMatchObject({ ok: true })
    expect(before.local.getItem('tidemark:leaving')).toBeNull()
  })
})

describe('a server that does not answer', () => {
  it('does not hold up the renewals that follow, and its late answer is none', async () => {
    const { session, clock, to, signIn } = world()
    const me = await signIn()
    const renewals = [session.tokenOf(me).renew(), session.tokenOf(me).renew()]
    await settled()
    await clock.advance(TIMING.HTTP_MS - 1)
    to(REFRESH)[0]!.reply(new Response(new ReadableStream({ start: (body) => body.enqueue(new TextEncoder().encode('{"acc')) })))
    await settled()
    await clock.advance(1)
    expect(await Promise.all(renewals)).toEqual(['failed', 'failed'])
    const again = session.tokenOf(me).renew()
    await settled()
    expect(to(REFRESH)).toHaveLength(2)
    await clock.advance(TIMING.HTTP_MS)
    expect(await again).toBe('failed')
    to(REFRESH)[1]!.answer(200, signedIn('late'))
    await settled()
    expect(session.tokenOf(me).current()?.value).toBe('old')
    expect(clock.pending()).toBe(0)
  })

  it('leaves no page blank', async () => {
    const { session, clock, told } = world()
    const resumed = session.resume()
    await settled()
    await clock.advance(TIMING.HTTP_MS)
    await resumed
    expect(told).toEqual(['nobodySignedIn'])
  })

  it('lets go of the request', async () => {
    const clock = virtualClock(0)
    let signal: AbortSignal | null | undefined
    const session = openSession({
      dispatch: ((action: unknown) => action) as never,
      base: '',
      fetch: (_, how) => {
        signal = how.signal
        return new Promise(() => {})
      },
      deviceId: () => 'device' as DeviceId,
      memory: { local: memoryArea(), session: memoryArea() },
      tabs: undefined,
      locks: undefined,
      clock,
      answered: () => {},
      timeoutMs: TIMING.HTTP_MS,
    })
    const entered = session.enter('guest', {})
    await clock.advance(TIMING.HTTP_MS - 1)
    expect(signal?.aborted).toBe(false)
    await clock.advance(1)
    expect(await entered).toMatchObject({ ok: false, code: 'E_TIMEOUT' })
    expect(signal?.aborted).toBe(true)
  })

  it('refuses each request in the end, a sign-out and the sign-in after it included', async () => {
    const { session, clock, signIn, to } = world()
    await signIn()
    const reply = session.ask('GET', '/api/x', Fine)
    await clock.advance(TIMING.HTTP_MS)
    expect(await reply).toMatchObject({ ok: false, code: 'E_TIMEOUT' })
    const out = session.signOut('nothing')
    const entered = session.enter('guest', {})
    await clock.advance(3 * TIMING.HTTP_MS)
    await out
    expect(await entered).toMatchObject({ ok: false, code: 'E_TIMEOUT' })
    expect(to(GUEST)).toHaveLength(2)
    expect(clock.pending()).toBe(0)
  })
})

describe('the browser’s cookie, with the server', () => {
  let server: TestServer
  beforeEach(async () => void (server = await startServer()))
  afterEach(() => server.stop())

  /** A browser in which answers to a path may be made late: the cookie changes when they arrive. */
  function browser() {
    let cookie = ''
    const local = memoryArea()
    const late = new Map<string, Promise<void>>()
    const tab = () =>
      openSession({
        dispatch: ((action: unknown) => action) as never,
        base: server.url,
        fetch: async (url, how) => {
          const headers = new Headers(how.headers)
          if (cookie) headers.set('cookie', cookie)
          const response = await fetch(url, { ...how, headers })
          await late.get(new URL(url).pathname)
          for (const line of response.headers.getSetCookie()) cookie = /Max-Age=0/.test(line) ? '' : (line.split(';')[0] ?? '')
          return response
        },
        deviceId: () => '00000000-0000-4000-8000-000000000001' as DeviceId,
        memory: { local, session: memoryArea() },
        tabs: undefined,
        locks: undefined,
        clock: browserClock,
        answered: () => {},
        timeoutMs: TIMING.HTTP_MS,
      })
    return {
      local,
      tab,
      cookie: () => cookie,
      /** Answers to this path arrive when the returned function is called. */
      delay: (path: string) => {
        let arrive = () => {}
        late.set(path, new Promise((resolve) => (arrive = resolve)))
        return () => {
          late.delete(path)
          arrive()
        }
      },
    }
  }
  const enter = async (tab: ReturnType<typeof openSession>, way: 'guest' | 'register' = 'guest') => {
    const entered = await tab.enter(way, { ...(way === 'register' && { login: 'ben', password: 'nobody guesses this' }) } as never)
    if (!entered.ok) throw new Error(entered.code)
    return entered.user
  }
  /** Whatever was sent before this has been answered: the server writes one after another. */
  const allAnswered = () => server.guest().then(settled)
  const meOf = (tab: ReturnType<typeof openSession>) => tab.ask('GET', '/api/me', z.object({ user: z.object({ id: z.string() }) }))

  it('stays the next guest’s when the answer to the sign-out before is late', async () => {
    const { tab, delay } = browser()
    const session = tab()
    await enter(session)
    const arrive = delay(LOGOUT)
    const out = session.signOut('nothing')
    const next = enter(session)
    await allAnswered()
    arrive()
    await out
    const me = await next
    expect(await session.tokenOf(me).renew()).toBe('ok')
    expect(await meOf(session)).toMatchObject({ ok: true, user: { id: me.id } })
  })

  it('stays the next guest’s when a renewal from before the sign-out is answered late', async () => {
    const { tab, delay } = browser()
    const session = tab()
    const ann = await enter(session)
    const arrive = delay(REFRESH)
    const renewal = session.tokenOf(ann).renew()
    await settled()
    const out = session.signOut('nothing')
    const next = enter(session)
    await allAnswered()
    arrive()
    expect(await renewal).toBe('denied')
    await out
    const me = await next
    expect(await session.tokenOf(me).renew()).toBe('ok')
  })

  it('is gone after signing out, also when a renewal was under way', async () => {
    const { tab, delay, cookie } = browser()
    const session = tab()
    const ann = await enter(session)
    const arrive = delay(REFRESH)
    void session.tokenOf(ann).renew()
    await settled()
    const out = session.signOut('nothing')
    arrive()
    await out
    expect(cookie()).toBe('')
  })

  it('stays who signed in since, when a sign-out is told only then', async () => {
    const { tab, local, cookie } = browser()
    const ann = await enter(tab())
    const other = tab()
    const ben = await enter(other, 'register')
    const [was, who] = [cookie(), local.getItem('tidemark:me')]
    local.setItem('tidemark:leaving', ann.id)
    const next = tab()
    await next.resume()
    await vi.waitFor(() => expect(local.getItem('tidemark:leaving')).toBeNull())
    expect([cookie(), local.getItem('tidemark:me')]).toEqual([was, who])
    expect(await other.tokenOf(ben).renew()).toBe('ok')
    expect(await meOf(next)).toMatchObject({ ok: true, user: { id: ben.id } })
  })

  it('ends with its session at the next start, when the sign-out could not be told at first', async () => {
    const { tab, cookie, local } = browser()
    const session = tab()
    const ann = await enter(session)
    const token = session.tokenOf(ann).current()!.value
    await server.restart({ abruptly: true, whileDown: () => session.signOut('nothing') })
    expect(local.getItem('tidemark:leaving')).toBe(ann.id)
    await tab().resume()
    await vi.waitFor(() => expect(local.getItem('tidemark:leaving')).toBeNull())
    expect(cookie()).toBe('')
    const answer = await fetch(`${server.url}/api/me`, { headers: { authorization: `Bearer ${token}` } })
    expect(await answer.json()).toMatchObject({ code: 'E_DEVICE_REVOKED' })
  })
})
