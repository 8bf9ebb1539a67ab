import { jwtVerify, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import type { DeviceId, SessionId, UserId } from '#protocol/ids.ts'
import { makeAccessTokens } from './accessToken.ts'

const secret = 's'.repeat(32)
const who = {
  user: 'u1' as UserId,
  session: '018f0000-0000-7000-8000-000000000001' as SessionId,
  device: '018f0000-0000-7000-8000-000000000002' as DeviceId,
  tenant: 'main',
}
const invalid = { ok: false, code: 'E_AUTH_INVALID' }

describe('an access token', () => {
  it('says who is calling until it expires, to the millisecond', async () => {
    let now = 1_700_000_000_500
    const tokens = makeAccessTokens({ secret, ttlMs: 1_200, now: () => now })
    const { token } = await tokens.issue(who)
    expect(tokens.verify(token)).toEqual({ ok: true, claims: { ...who, issuedAt: now, expiresAt: now + 1_200 } })
    now += 1_199
    expect(tokens.verify(token)).toMatchObject({ ok: true })
    now += 1
    expect(tokens.verify(token)).toEqual({ ok: false, code: 'E_AUTH_EXPIRED' })
  })

  it('is refused when it was signed with another secret, another algorithm or not at all', async () => {
    const tokens = makeAccessTokens({ secret, ttlMs: 60_000, now: Date.now })
    const other = await makeAccessTokens({ secret: 'o'.repeat(32), ttlMs: 60_000, now: Date.now }).issue(who)
    const claims = { sub: who.user, sid: who.session, did: who.device, ten: 'main', iatMs: Date.now(), expMs: Date.now() + 60_000 }
    const stronger = await new SignJWT(claims).setProtectedHeader({ alg: 'HS512' }).sign(new TextEncoder().encode(secret.repeat(2)))
    const unsigned = new UnsecuredJWT(claims).encode()
    const { token: good } = await tokens.issue(who)
    const [header, payload, signature] = good.split('.')
    const another = Buffer.from(JSON.stringify({ ...claims, sub: 'eve' })).toString('base64url')
    const forged = [
      `${header}.${another}.${signature}`,
      `${header}.${payload}.`,
      `${header}.${payload}`,
      `${good}.x`,
      `${good}A`,
      '..',
      `${header}..`,
    ]
    for (const token of [other.token, stronger, unsigned, 'nonsense', '', ...forged]) expect(tokens.verify(token)).toEqual(invalid)
  })

  it('is a JWT like any other', async () => {
    const { token } = await makeAccessTokens({ secret, ttlMs: 60_000, now: Date.now }).issue(who)
    const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), { algorithms: ['HS256'] })
    expect(payload).toMatchObject({ sub: who.user, sid: who.session, did: who.device, ten: who.tenant })
  })

  it('is refused when a claim is missing', async () => {
    const tokens = makeAccessTokens({ secret, ttlMs: 60_000, now: Date.now })
    const partial = await new SignJWT({ sub: 'u1' }).setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret))
    expect(tokens.verify(partial)).toEqual(invalid)
  })
})
