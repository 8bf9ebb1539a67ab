import type { Dispatch } from '@reduxjs/toolkit'
import * as z from 'zod/mini'
import { isCode, isStop } from '#protocol/codes.ts'
import type { DeviceId } from '#protocol/ids.ts'
import { refusal, type Refusal, type Reply } from '#protocol/reply.ts'
import { HttpError, Me, NobodyAnswer, SessionAnswer } from '#protocol/session.ts'
import { nobodySignedIn, sessionStarted, signedOut } from './facts.ts'
import type { Memory } from './browserPorts.ts'
import type { Channel, Clock, Token } from './ports.ts'

type Schema<T> = { safeParse: (raw: unknown) => { success: true; data: T } | { success: false } }

export type Session = {
  resume: () => Promise<void>
  continueAsGuest: (name?: string) => Promise<Reply<{ user: Me }>>
  signOut: () => Promise<void>
  /** The access token of this person; somebody else's session in the shared cookie counts as none. */
  tokenOf: (me: Me) => Token
  /**
   * A request with the token of the person this tab shows, whoever else may have signed in beside it: on 401 one shared renewal, then the
   * request once more.
   */
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
  clock: Clock
  /** A request that takes longer counts as one that could not be asked. */
  timeoutMs: number
}

type Renewed = SessionAnswer | 'nobody' | 'denied' | 'failed'

const WHO = 'tidemark:me'
/** Signed out while the server could not be told: it is told before anything else next time. */
const LEAVING = 'tidemark:leaving'

/** Who is signed in here, over HTTP. The access token lives in this closure and nowhere else. */
export function openSession(parts: SessionParts): Session {
  const { dispatch } = parts
  let token: ReturnType<Token['current']>
  let holder: Me['id'] | undefined
  /** The person this tab shows. */
  let shown: Me['id'] | undefined
  let renewing: Promise<Renewed> | undefined
  let leaving: Promise<void> | undefined
  /** Grows with every sign-in and sign-out: an answer to a question of an earlier one says nothing about this one. */
  let era = 0

  /** undefined: the server could not be asked, or did not answer in time. */
  function send(method: string, path: string, body?: object, bearer?: string): Promise<{ status: number; body: unknown } | undefined> {
    const abort = new AbortController()
    return new Promise((resolve) => {
      const stop = parts.clock.after(parts.timeoutMs, () => {
        abort.abort()
        resolve(undefined)
      })
      void exchange(method, path, abort.signal, body, bearer)
        .catch(() => undefined)
        .then((response) => {
          stop()
          resolve(response)
        })
    })
  }

  async function exchange(method: string, path: string, signal: AbortSignal, body: object | undefined, bearer: string | undefined) {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (body) headers['content-type'] = 'application/json'
    if (bearer) headers['authorization'] = `Bearer ${bearer}`
    const response = await parts.fetch(parts.base + path, {
      method,
      headers,
      signal,
      credentials: 'include',
      cache: 'no-store',
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    return { status: response.status, body: (await response.json().catch(() => undefined)) as unknown }
  }

  function took(answer: SessionAnswer): void {
    token = { value: answer.accessToken, expiresAt: parts.clock.now() + answer.expiresInMs, life: answer.expiresInMs }
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
  function renew(): Promise<Renewed> {
    if (renewing) return renewing
    const asked = era
    const mine = send('POST', '/api/session/refresh', { deviceId: parts.deviceId() }).then((response): Renewed => {
      if (asked !== era) return 'failed'
      renewing = undefined
      const answer = SessionAnswer.safeParse(response?.body)
      if (response?.status === 200 && answer.success) {
        took(answer.data)
        return answer.data
      }
      if (response?.status === 200 && NobodyAnswer.safeParse(response.body).success) return 'nobody'
      // Only our own server ends a session: proxies and captive portals say 401 and 403 too.
      const error = HttpError.safeParse(response?.body)
      return error.success && isCode(error.data.code) && isStop(error.data.code) ? 'denied' : 'failed'
    })
    renewing = mine
    return mine
  }

  /** Another person, or nobody: what was asked for the one before is of no use. */
  function turn(): void {
    era++
    renewing = undefined
    token = undefined
    holder = undefined
  }

  function forget(): void {
    turn()
    shown = undefined
    remember(WHO, null)
  }

  function show(user: Me): void {
    shown = user.id
    dispatch(sessionStarted({ user }))
  }

  /** Tells the server that the person of this browser signed out. Whoever comes next waits for it, or its answer would take their cookie. */
  function leave(bearer?: string): Promise<void> {
    leaving ??= send('POST', '/api/session/logout', {}, bearer).then((response) => {
      leaving = undefined
      if (response && response.status < 500) remember(LEAVING, null)
    })
    return leaving
  }

  /** The token of the person on screen, renewed when there is none but `spent`. */
  async function tokenNow(spent?: typeof token): Promise<{ ok: true; value: string | undefined } | Refusal> {
    const asked = era
    const renewed = token === spent ? await renew() : undefined
    if (renewed === 'failed') return refusal('E_TIMEOUT')
    if (asked !== era || (shown !== undefined && holder !== shown)) return refusal('E_AUTH_INVALID')
    return { ok: true, value: token?.value }
  }

  parts.tabs?.subscribe(() => {
    forget()
    dispatch(signedOut())
  })

  return {
    resume: async () => {
      if (recall(LEAVING) !== null) {
        void leave()
        dispatch(nobodySignedIn())
        return
      }
      const known = rememberedMe(recall(WHO))
      // Somebody was here: their conversations show at once, with or without a network; the line finds out the rest.
      if (known) return show(known)
      const answer = await renew()
      if (typeof answer === 'string') dispatch(nobodySignedIn())
      else show(answer.user)
    },

    continueAsGuest: async (name) => {
      if (leaving || recall(LEAVING) !== null) await leave()
      const response = await send('POST', '/api/session/guest', { deviceId: parts.deviceId(), ...(name === undefined ? {} : { name }) })
      const answer = SessionAnswer.safeParse(response?.body)
      if (!answer.success) return refusalFrom(response)
      turn()
      took(answer.data)
      show(answer.data.user)
      return { ok: true, user: answer.data.user }
    },

    signOut: async () => {
      const bearer = token?.value
      remember(LEAVING, '1')
      forget()
      dispatch(signedOut())
      parts.tabs?.post('signedOut')
      await leave(bearer)
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
      const first = await tokenNow()
      if (!first.ok) return first
      const tried = token
      let response = await send(method, path, body, first.value)
      if (response?.status === 401) {
        // Whoever is told late finds that the token was renewed for another request meanwhile.
        const second = await tokenNow(tried)
        if (!second.ok) return second
        response = await send(method, path, body, second.value)
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
