import { errors, jwtVerify, SignJWT } from 'jose'
import * as z from 'zod/mini'
import { DeviceId, SessionId, UserId } from '#protocol/ids.ts'

/** What a verified token says. Nothing about a person is ever taken from anywhere else. */
export type TokenClaims = {
  user: UserId
  session: SessionId
  device: DeviceId
  tenant: string
  /** milliseconds since the epoch */ issuedAt: number
  expiresAt: number
}

export type Verdict = { ok: true; claims: TokenClaims } | { ok: false; code: 'E_AUTH_EXPIRED' | 'E_AUTH_INVALID' }

export type AccessTokens = {
  issue: (who: Pick<TokenClaims, 'user' | 'session' | 'device' | 'tenant'>) => Promise<{ token: string; expiresInMs: number }>
  verify: (token: string) => Promise<Verdict>
}

const ALGORITHM = 'HS256'
const Claims = z.object({ sub: UserId, sid: SessionId, did: DeviceId, ten: z.string(), iatMs: z.int(), expMs: z.int() })

/** Signed, short-lived proof of who is calling. Expiry is kept in milliseconds, because `exp` knows whole seconds only. */
export function makeAccessTokens(parts: { secret: string; ttlMs: number; now: () => number }): AccessTokens {
  const key = new TextEncoder().encode(parts.secret)
  return {
    issue: async ({ user, session, device, tenant }) => {
      const iatMs = parts.now()
      const expMs = iatMs + parts.ttlMs
      const token = await new SignJWT({ sid: session, did: device, ten: tenant, iatMs, expMs })
        .setProtectedHeader({ alg: ALGORITHM })
        .setSubject(user)
        .setExpirationTime(Math.ceil(expMs / 1000))
        .sign(key)
      return { token, expiresInMs: parts.ttlMs }
    },
    verify: async (token) => {
      try {
        // the algorithm is pinned, because a token must not choose how it is checked
        const { payload } = await jwtVerify(token, key, { algorithms: [ALGORITHM], currentDate: new Date(parts.now()) })
        const claims = Claims.safeParse(payload)
        if (!claims.success) return { ok: false, code: 'E_AUTH_INVALID' }
        const { sub, sid, did, ten, iatMs, expMs } = claims.data
        if (expMs <= parts.now()) return { ok: false, code: 'E_AUTH_EXPIRED' }
        return { ok: true, claims: { user: sub, session: sid, device: did, tenant: ten, issuedAt: iatMs, expiresAt: expMs } }
      } catch (error) {
        return { ok: false, code: error instanceof errors.JWTExpired ? 'E_AUTH_EXPIRED' : 'E_AUTH_INVALID' }
      }
    },
  }
}
