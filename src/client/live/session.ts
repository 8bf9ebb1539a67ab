import type { Dispatch } from '@reduxjs/toolkit'
import * as z from 'zod/mini'
import { isCode } from '#protocol/codes.ts'
import type { DeviceId } from '#protocol/ids.ts'
import { refusal, type Refusal, type Reply } from '#protocol/reply.ts'
import { HttpError, Me, NobodyAnswer, SessionAnswer } from '#protocol/session.ts'
import { nobodySignedIn, sessionStarted, signedOut } from './facts.ts'
import type { Memory } from './browserPorts.ts'
import type { Channel, Token } from './ports.ts'

type Schema<T> = { safeParse: (raw: unknown) => { success: true; data: T } | { success: false } }

export type Session = {
  resume: () => Promise<void>
  continueAsGuest: (name?: string) => Promise<Reply<{ user: Me }>>
  signOut: () => Promise<void>
  /** The access token of this person; somebody else's session in the shared cookie counts as none. */
  tokenOf: (me: Me) => Token
  /** A request with the token: on 401 one shared renewal, then the request once more. */
  ask: <T extends object>(method: string, path: string, answer: Schema<T>, body?: object) => Promise<Reply<T>>
}

type Fetch = (url: string, how: RequestInit) => Promise<Response>

export type SessionParts = {
  dispatch: Dispatch
  /** Prefix of every path; empty in the page, the server's origin in tests. */
  base: string
  fetch: Fetch
  deviceId: () => DeviceId
  /** Where the page remembers who was here: a name for the offline start, never a token. */
  memory: Memory
  tabs: Channel<'signedOut'> | undefined
  now: () => number
}

const WHO = 'tidemark:me'
/** Signed out while the server could not be told: it is told before anything else next time. */
const LEAVING = 'tidemark:leaving'

/** Who is signed in here, over HTTP. The access token lives in this closure and nowhere else. */
export function openSession(parts: SessionParts): Session {
  const { dispatch } = parts
  let token: ReturnType<Token['current']>
  let holder: Me['id'] | undefined
  let renewing: Promise<SessionAnswer | 'nobody' | 'denied' | 'failed'> | undefined

  async function send(method: string, path: string, body?: object, bearer?: string): Promise<{ status: number; body: unknown } | undefined> {
    try {
      const headers: Record<string, string> = { accept: 'application/json' }
      if (body) headers['content-type'] = 'application/json'
      if (bearer) headers['authorization'] = `Bearer ${bearer}`
      const response = await parts.fetch(parts.base + path, {
        method,
        headers,
        credentials: 'include',
        cache: 'no-store',
        ...(body ? { body: JSON.stringify(body) } : {}),
      })
      return { status: response.status, body: await response.json().catch(() => undefined) }
    } catch {
      return undefined
    }
  }

  function took(answer: SessionAnswer): void {
    token = { value: answer.accessToken, expiresAt: parts.now() + answer.expiresInMs, life: answer.expiresInMs }
    holder = answer.user.id
    remember(WHO, JSON.stringify(answer.user))
    remember(LEAVING, null)
  }

  function remember(key: string, value: string | null): void {
    try {
      if (value === null) parts.memory.local.removeItem(key)
      else parts.memory.local.setItem(key, value)
    } catch {
      // Blocked or full: the page works without.
    }
  }

  function recall(key: string): string | null {
    try {
      return parts.memory.local.getItem(key)
    } catch {
      return null
    }
  }

  /** However many ask at once, the server is asked once. */
  function renew(): Promise<SessionAnswer | 'nobody' | 'denied' | 'failed'> {
    renewing ??= send('POST', '/api/session/refresh', { deviceId: parts.deviceId() })
      .then((response) => {
        if (!response) return 'failed'
        const answer = SessionAnswer.safeParse(response.body)
        if (response.status === 200 && answer.success) {
          took(answer.data)
          return answer.data
        }
        if (response.status === 200 && NobodyAnswer.safeParse(response.body).success) return 'nobody'
        return response.status === 401 || response.status === 403 ? 'denied' : 'failed'
      })
      .finally(() => {
        renewing = undefined
      })
    return renewing
  }

  function forget(): void {
    token = undefined
    holder = undefined
    remember(WHO, null)
  }

  parts.tabs?.subscribe(() => {
    forget()
    dispatch(signedOut())
  })

  return {
    resume: async () => {
      if (recall(LEAVING) !== null) {
        if (await send('POST', '/api/session/logout', {})) remember(LEAVING, null)
        dispatch(nobodySignedIn())
        return
      }
      const known = rememberedMe(recall(WHO))
      // Somebody was here: their conversations show at once, with or without a network; the line finds out the rest.
      if (known) {
        dispatch(sessionStarted({ user: known }))
        return
      }
      const answer = await renew()
      if (typeof answer === 'string') dispatch(nobodySignedIn())
      else dispatch(sessionStarted({ user: answer.user }))
    },

    continueAsGuest: async (name) => {
      const response = await send('POST', '/api/session/guest', { deviceId: parts.deviceId(), ...(name === undefined ? {} : { name }) })
      const answer = SessionAnswer.safeParse(response?.body)
      if (!answer.success) return refusalFrom(response)
      took(answer.data)
      dispatch(sessionStarted({ user: answer.data.user }))
      return { ok: true, user: answer.data.user }
    },

    signOut: async () => {
      const bearer = token?.value
      remember(LEAVING, '1')
      forget()
      dispatch(signedOut())
      parts.tabs?.post('signedOut')
      if (await send('POST', '/api/session/logout', {}, bearer)) remember(LEAVING, null)
    },

    tokenOf: (me) => ({
      current: () => (holder === me.id ? token : undefined),
      renew: async () => {
        const answer = await renew()
        if (answer === 'failed') return 'failed'
        return typeof answer === 'object' && answer.user.id === me.id ? 'ok' : 'denied'
      },
    }),

    ask: async (method, path, answer, body) => {
      if (!token) await renew()
      const tried = token
      let response = await send(method, path, body, tried?.value)
      if (response?.status === 401) {
        // Whoever is told late finds that the token was renewed for another request meanwhile.
        if (token === tried) await renew()
        response = await send(method, path, body, token?.value)
      }
      const parsed = response && response.status < 300 ? answer.safeParse(response.body ?? {}) : undefined
      return parsed?.success ? { ok: true, ...parsed.data } : refusalFrom(response)
    },
  }
}

function rememberedMe(text: string | null): Me | undefined {
  if (text === null) return undefined
  try {
    const me = z.safeParse(Me, JSON.parse(text))
    return me.success ? me.data : undefined
  } catch {
    return undefined
  }
}

function refusalFrom(response: { body: unknown } | undefined): Refusal {
  const error = HttpError.safeParse(response?.body)
  if (!error.success || !isCode(error.data.code)) return refusal('E_TIMEOUT')
  return refusal(error.data.code, {
    ...(error.data.retryAfterMs === undefined ? {} : { retryAfterMs: error.data.retryAfterMs }),
    detail: error.data.message,
  })
}
