import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { CookieOptions } from 'hono/utils/cookie'
import type * as z from 'zod/mini'
import { LoginRequest, RegisterRequest, ResetRequest } from '#protocol/account.ts'
import { GuestRequest, LogoutRequest, RefreshRequest } from '#protocol/http.ts'
import type { DeviceId, SessionId } from '#protocol/ids.ts'
import { PasskeyRequest, type PasskeyOptionsAnswer } from '#protocol/passkey.ts'
import { refusal } from '#protocol/reply.ts'
import type { NobodyAnswer, SessionAnswer } from '#protocol/session.ts'
import { DAY_MS } from '#server/config.ts'
import { accountWith, demandReset, register, resetPassword, signIn } from '#server/domain/accounts.ts'
import { TooManyDevices } from '#server/domain/devices.ts'
import { keepChallenge, passkeyWith, signInByPasskey, takeChallenge } from '#server/domain/passkeys.ts'
import { meFrom } from '#server/domain/people.ts'
import { createGuest, refreshSession, revokeSession, SESSION_LIFE_MS, type Browser, type SignedIn } from '#server/domain/sessions.ts'
import { deviceLabel } from '#server/edge/deviceLabel.ts'
import { checkShown, optionsToShow } from '#server/edge/passkeys.ts'
import { permissionsOf } from '#server/edge/permissions.ts'
import { Refused, type SessionRow } from '#server/storage/store.ts'
import { bodyOf, identityOf } from './asking.ts'
import { asSeen, cutAll } from './deviceRoutes.ts'
import type { HttpContext, HttpEdge, Routes } from './httpApp.ts'
import { demandPlace } from './passkeyRoutes.ts'
import { demandHands, demandPatience, HttpRefused, say } from './replies.ts'

/** Signing in, staying so, and out. The refresh token lives in a cookie no script can read, and is known here by its hash only. */
export function sessionRoutes(edge: HttpEdge): Routes {
  const { core, config } = edge
  const cookie: CookieOptions = { httpOnly: true, sameSite: 'Lax', path: '/api/session', secure: config.PUBLIC_URL?.startsWith('https:') ?? false }

  // cookies of one host are shared by all its ports; two servers on one machine must not sign each other out
  const cookieName = (c: HttpContext): string => {
    const port = /:(\d+)$/.exec(edge.peers.hostOf(c.env.incoming) ?? '')?.[1]
    return port === undefined ? 'tidemark_refresh' : `tidemark_refresh_${port}`
  }
  const warnAfterMs = config.GUEST_DAYS * DAY_MS - edge.timing.GUEST_WARN_MS
  const signedInAnswer = async (c: HttpContext, { user, session }: SignedIn, refreshToken: string): Promise<Response> => {
    c.set('user', user.id)
    c.set('session', session.id)
    setCookie(c, cookieName(c), refreshToken, { ...cookie, maxAge: Math.floor(SESSION_LIFE_MS / 1000) })
    const { token, expiresInMs } = await edge.tokens.issue({ user: user.id, session: session.id, device: session.deviceId, tenant: user.tenant })
    const me = { ...meFrom(user), permissions: [...permissionsOf(config, user)] }
    return c.json({ accessToken: token, expiresInMs, user: me, sessionId: session.id } satisfies SessionAnswer)
  }
  /** The browser that asks, with a session that may begin there and its first token. */
  const browserOf = (c: HttpContext, device: DeviceId): { browser: Browser; token: string } => {
    const session = core.newId() as SessionId
    const token = edge.refreshTokens.make(session)
    return { browser: { device, label: deviceLabel(c.req.header('user-agent')), session, tokenHash: core.sha256(token) }, token }
  }
  /** Signs in where there is room; whoever had to go for it is told. */
  const enter = async (
    c: HttpContext,
    token: string,
    device: DeviceId,
    signIn: () => Promise<SignedIn & { ended: SessionRow[] }>,
  ): Promise<Response> => {
    try {
      const signedIn = await signIn()
      cutAll(edge, signedIn.ended)
      return await signedInAnswer(c, signedIn, token)
    } catch (error) {
      if (!(error instanceof TooManyDevices)) throw error
      return say(c, refusal(error.code), { devices: asSeen(edge, error.devices, device) })
    }
  }
  /** By its signature; one that was made before they were signed, or under another secret, by what is kept of it. */
  const sessionOfToken = async (token: string): Promise<SessionId | undefined> =>
    edge.refreshTokens.sessionOf(token) ?? (await core.store.read((tx) => tx.refreshToken(core.sha256(token))))?.session
  const sessionOfCookie = async (c: HttpContext): Promise<SessionRow | undefined> => {
    const token = getCookie(c, cookieName(c))
    const id = token === undefined ? undefined : await sessionOfToken(token)
    return id && core.store.read((tx) => tx.session(id))
  }

  return {
    '/api/session/guest': {
      POST: async (c) => {
        const { name, deviceId } = await bodyOf(c, GuestRequest)
        demandPatience(await edge.limits.takeGuest(edge.peers.addressOf(c.env.incoming)))
        const { browser, token } = browserOf(c, deviceId)
        return signedInAnswer(c, await createGuest(core, { ...browser, ...(name !== undefined && { name }) }), token)
      },
    },

    '/api/session/register': {
      POST: async (c) => {
        const { login, password, name, deviceId } = await bodyOf(c, RegisterRequest)
        demandPatience(await edge.limits.takeGuest(edge.peers.addressOf(c.env.incoming)))
        demandHands(edge.passwords)
        const passwordHash = await edge.passwords.hash(password)
        const { browser, token } = browserOf(c, deviceId)
        const signedIn = await register(core, { ...browser, login, passwordHash, ...(name !== undefined && { name }) })
        return signedInAnswer(c, signedIn, token)
      },
    },

    '/api/session/login': {
      POST: async (c) => {
        const { login, password, deviceId, signOut } = await bodyOf(c, LoginRequest)
        demandPatience(await edge.limits.takeSignIn(edge.peers.addressOf(c.env.incoming)))
        const account = await accountWith(core, login, deviceId)
        // whoever fills a name with wrong guesses must not shut its owner out of a browser that is theirs
        const guessed = account?.knowsDevice === true ? `${login} ${deviceId}` : login
        demandPatience(await edge.limits.takeGuess(guessed))
        demandHands(edge.passwords)
        // asked also where there is no such name: an answer that came sooner would tell so
        const isRight = await edge.passwords.verify(password, account?.passwordHash)
        if (!account || !isRight) throw new HttpRefused(refusal('E_CREDENTIALS'))
        await edge.limits.guessed(guessed)
        const { user, passwordHash } = account
        const { browser, token } = browserOf(c, deviceId)
        return enter(c, token, deviceId, () => signIn(core, { ...browser, user, passwordHash, ...(signOut !== undefined && { signOut }) }))
      },
    },

    '/api/session/passkey/options': {
      POST: async (c) => {
        demandPatience(await edge.limits.takeSignIn(edge.peers.addressOf(c.env.incoming)))
        const options = await optionsToShow(demandPlace(c))
        await keepChallenge(core, { challenge: options.challenge, user: null })
        return c.json({ options } satisfies z.infer<typeof PasskeyOptionsAnswer>)
      },
    },

    '/api/session/passkey': {
      POST: async (c) => {
        const { shown, deviceId, signOut } = await bodyOf(c, PasskeyRequest)
        demandPatience(await edge.limits.takeSignIn(edge.peers.addressOf(c.env.incoming)))
        const place = demandPlace(c)
        const passkey = await passkeyWith(core, shown.id)
        const take = (challenge: string) => takeChallenge(core, { challenge, user: null })
        const checked = passkey && (await checkShown(place, shown, { passkey, take }))
        if (!checked) throw new HttpRefused(refusal('E_CREDENTIALS'))
        const { browser, token } = browserOf(c, deviceId)
        const used = { passkey, counter: checked.counter, ...(signOut !== undefined && { signOut }) }
        return enter(c, token, deviceId, () => signInByPasskey(core, { ...browser, ...used }))
      },
    },

    '/api/session/reset': {
      POST: async (c) => {
        const { code, password, deviceId, signOutOthers } = await bodyOf(c, ResetRequest)
        demandPatience(await edge.limits.takeSignIn(edge.peers.addressOf(c.env.incoming)))
        const codeHash = core.sha256(code)
        await demandReset(core, { codeHash })
        demandHands(edge.passwords)
        const passwordHash = await edge.passwords.hash(password)
        const { browser, token } = browserOf(c, deviceId)
        return enter(c, token, deviceId, () => resetPassword(core, { ...browser, codeHash, passwordHash, signOutOthers }))
      },
    },

    '/api/session/refresh': {
      POST: async (c) => {
        const { deviceId } = await bodyOf(c, RefreshRequest)
        const old = getCookie(c, cookieName(c))
        if (old === undefined) return c.json({ user: null } satisfies z.infer<typeof NobodyAnswer>)
        try {
          const madeFor = await sessionOfToken(old)
          if (madeFor === undefined) throw new Refused('E_AUTH_INVALID', 'no token of ours')
          const token = edge.refreshTokens.make(madeFor)
          const renewal = { tokenHash: core.sha256(old), madeFor, newTokenHash: core.sha256(token), device: deviceId, warnAfterMs }
          return await signedInAnswer(c, await refreshSession(core, renewal), token)
        } catch (error) {
          if (!(error instanceof Refused)) throw error
          const session = await sessionOfCookie(c)
          // a stolen token ends the session for both who hold it, on the open connections as well
          if (session && session.revokedAt !== null) edge.live.cut(session.user, session.id, 'DEVICE_REVOKED')
          deleteCookie(c, cookieName(c), cookie)
          return say(c, refusal(error.code))
        }
      },
    },

    '/api/session/logout': {
      POST: async (c) => {
        const { user } = await bodyOf(c, LogoutRequest)
        const bearer = c.req.header('authorization') === undefined ? undefined : await identityOf(edge, c).catch(() => undefined)
        const session = await sessionOfCookie(c)
        // told late of somebody who left: the cookie is of who signed in since
        const isOthers = session !== undefined && user !== undefined && session.user !== user
        const leaving = [session && !isOthers && { user: session.user, id: session.id }, bearer && { user: bearer.user, id: bearer.session }]
        for (const one of leaving) {
          if (!one) continue
          await revokeSession(core, one.id)
          edge.live.cut(one.user, one.id, 'SIGNED_OUT')
        }
        if (!isOthers) deleteCookie(c, cookieName(c), cookie)
        return c.json({})
      },
    },
  }
}
