import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import type { DeviceId } from '#protocol/ids.ts'
import { openSession } from './session.ts'

type Asked = { path: string; bearer: string | null; answer: (status: number, body: object) => void }

const memoryArea = () => {
  const held = new Map<string, string>()
  return {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, value: string) => void held.set(key, value),
    removeItem: (key: string) => void held.delete(key),
  }
}

/** A server that answers when the test says so. */
function world() {
  const asked: Asked[] = []
  const local = memoryArea()
  const session = openSession({
    dispatch: ((action: unknown) => action) as never,
    base: '',
    fetch: (path, how) =>
      new Promise((resolve) => {
        asked.push({
          path,
          bearer: new Headers(how.headers).get('authorization'),
          answer: (status, body) => resolve(Response.json(body, { status })),
        })
      }),
    deviceId: () => 'device' as DeviceId,
    memory: { local, session: memoryArea() },
    tabs: undefined,
    now: () => 0,
  })
  const settled = () => new Promise((resolve) => setTimeout(resolve))
  const to = (path: string) => asked.filter((one) => one.path === path)
  const signIn = async () => {
    const entered = session.continueAsGuest()
    await settled()
    to('/api/session/guest')[0]!.answer(200, signedIn('old'))
    await entered
  }
  return { session, local, to, settled, signIn }
}

const REFUSED = { code: 'E_AUTH_EXPIRED', message: 'Your sign-in is being renewed.' }
const signedIn = (accessToken: string) => ({
  accessToken,
  expiresInMs: 600_000,
  sessionId: '00000000-0000-7000-8000-000000000001',
  user: { id: '00000000-0000-7000-8000-000000000002', name: 'Ann', isGuest: true, permissions: [] },
})
const Fine = z.object({ fine: z.boolean() })

describe('requests that are told that the token ran out', () => {
  it('ten at once: one renewal, then each goes once more and succeeds', async () => {
    const { session, to, settled, signIn } = world()
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
    const { session, to, settled, signIn } = world()
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
    const { session, to, settled, signIn } = world()
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
