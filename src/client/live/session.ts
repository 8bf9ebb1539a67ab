import type { Dispatch } from '@reduxjs/toolkit'
import * as z from 'zod/mini'
import { isCode, isStop } from '#protocol/codes.ts'
import type { DeviceId } from '#protocol/ids.ts'
import { refusal, type Refusal, type Reply } from '#protocol/reply.ts'
import { HttpError, Me, NobodyAnswer, SessionAnswer } from '#protocol/session.ts'
import { nobodySignedIn, sessionStarted, signedOut } from './facts.ts'
import { alone } from './alone.ts'
import type { Memory } from './browserPorts.ts'
import type { Client } from './client.ts'
import type { Channel, Clock, Locks, Token } from './ports.ts'

type Schema<T> = { safeParse: (raw: unknown) => { success: true; data: T } | { success: false } }

export type Session = Pick<Client, 'resume' | 'enter' | 'signOut'> & {
  /** The access token of this person; somebody else's session in the shared cookie counts as none. */
  tokenOf: (me: Pick<Me, 'id'>) => Token
  /**
   * A request in the name of the person this tab shows: on 401 one shared renewal, then the request once more. Refused with
   * `E_AUTH_INVALID`, and not sent, while the browser's session is not theirs. `timeoutMs`: for what takes longer than other requests.
   */
  ask: <T extends object>(method: string, path: string, answer: Schema<T>, body?: object, timeoutMs?: number) => Promise<Reply<T>>
}

/** `renewed` hands a fresh access token from memory to memory: whoever shows the same person need not ask for one. */
export type SessionNews = { name: 'came' | 'left'; user: Me['id'] } | { name: 'renewed'; answer: SessionAnswer }

type Fetch = (url: string, how: RequestInit) => Promise<Response>

export type SessionParts = {
  dispatch: Dispatch
  /** Prefix of every path; empty in the page, the server's origin in tests. */
  base: string
  fetch: Fetch
  deviceId: () => DeviceId
  /** Where the page remembers who was here: a name for the offline start, never a token. */
  memory: Memory
  /** Tells the other tabs who came and who signed out. */
  tabs: Channel<SessionNews> | undefined
  /** So that of several tabs one makes the new guest. */
  locks: Locks | undefined
  clock: Clock
  /** Hears of each answer whether it is our server's, or of whoever stands in its place, as the sign-in page of a network. */
  answered: (byServer: boolean) => void
  /** A request that takes longer counts as one that could not be asked. */
  timeoutMs: number
}

/** undefined: the server could not be asked, or did not answer in time. */
export type Answer = { status: number; body: unknown } | undefined
export type Renewed = SessionAnswer | 'nobody' | 'denied' | 'failed'

/** "Network Authentication Required" (RFC 6585): a portal that says what it is. */
const SIGN_IN_TO_NETWORK = 511

/** Browsers let 64 KiB in all outlive their page (Fetch, "HTTP-network-or-cache fetch"), and refuse what is more. A character is up to 3 bytes. */
const OUTLIVING_CHARS = 4096

const WHO = 'tidemark:me'
/** Who signed out while the server could not be told: it is told before anybody signs in. With their id, what they leave (`sweeping.ts`). */
const LEAVING = 'tidemark:leaving'

/** Who is signed in here, over HTTP. The access token lives in this closure and nowhere else. */
export function openSession(parts: SessionParts): Session {
  const { dispatch } = parts
  let token: ReturnType<Token['current']>
  /** What the server said with it, to this tab or to another one of the same person. */
  let latest: SessionAnswer | undefined
  /** The person this tab shows. */
  let shown: Me['id'] | undefined
  /** Who signed out last: whatever still brings them comes too late. */
  let left: Me['id'] | undefined
  /** Whose sign-out the server is being told. */
  let leaving: string | undefined
  let renewing: Promise<Renewed> | undefined
  let turn: Promise<unknown> = Promise.resolve()

  /** What changes the cookie goes one after another: an answer that comes late would take away what a later one brought. */
  function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const mine = turn.then(run)
    turn = mine.catch(() => undefined)
    return mine
  }

  function send(method: string, path: string, body?: object, bearer?: string, timeoutMs = parts.timeoutMs): Promise<Answer> {
    const abort = new AbortController()
    return new Promise((resolve) => {
      const stop = parts.clock.after(timeoutMs, () => {
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
    const text = body && JSON.stringify(body)
    const response = await parts.fetch(parts.base + path, {
      method,
      headers,
      signal,
      credentials: 'include',
      cache: 'no-store',
      // our server never leads elsewhere: whoever does is not it
      redirect: 'manual',
      // What somebody wished for is not taken back by a reload. What sets the cookie is: late, it would take the place of a later one.
      keepalive: method !== 'GET' && !path.startsWith('/api/session') && (text ?? '').length < OUTLIVING_CHARS,
      ...(text && { body: text }),
    })
    return { status: response.status, body: await bodyOf(response) }
  }

  async function bodyOf(response: Response): Promise<unknown> {
    try {
      const body: unknown = await response.json()
      parts.answered(true)
      return body
    } catch (error) {
      // An answer that breaks off is none, and a page about trouble may well be of a proxy of our server's.
      const isWhole = error instanceof Error && error.name === 'SyntaxError'
      if (isWhole && (response.status < 400 || response.status === SIGN_IN_TO_NETWORK)) parts.answered(false)
      return undefined
    }
  }

  function took(answer: SessionAnswer): void {
    latest = answer
    token = { value: answer.accessToken, expiresAt: parts.clock.now() + answer.expiresInMs, life: answer.expiresInMs }
    remember(WHO, JSON.stringify(answer.user))
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

  /** However many ask at once, in however many tabs, the server is asked once. */
  function renew(): Promise<Renewed> {
    const before = latest
    renewing ??= alone('tidemark:renewing', parts)
      .then(async (end) => {
        try {
          // Another tab was faster.
          return latest && latest !== before ? latest : await inTurn(askAnew)
        } finally {
          end()
        }
      })
      .finally(() => {
        renewing = undefined
      })
    return renewing
  }

  async function askAnew(): Promise<Renewed> {
    const response = await send('POST', '/api/session/refresh', { deviceId: parts.deviceId() })
    const answer = read(response, SessionAnswer)
    if (!answer) return read(response, NobodyAnswer) ? 'nobody' : isStop(refusalFrom(response).code) ? 'denied' : 'failed'
    if (answer.user.id === left || answer.user.id === recall(LEAVING)) return 'denied'
    took(answer)
    parts.tabs?.post({ name: 'renewed', answer })
    return answer
  }

  const tokenOf: Session['tokenOf'] = (me) => ({
    current: () => (latest?.user.id === me.id ? token : undefined),
    renew: async () => {
      if (shown !== me.id) return 'denied'
      const answer = await renew()
      if (answer === 'failed') return 'failed'
      return typeof answer === 'object' && answer.user.id === me.id ? 'ok' : 'denied'
    },
  })

  function show(user: Me): void {
    shown = user.id
    dispatch(sessionStarted({ user }))
  }

  function forget(user: Me['id']): void {
    left = user
    shown = undefined
    latest = undefined
    token = undefined
    if (rememberedMe(recall(WHO))?.id === user) remember(WHO, null)
    dispatch(signedOut())
  }

  /** Tells the server who signed out. By name, because the cookie may be somebody else's meanwhile. */
  function leave(user: string, bearer?: string): Promise<void> {
    leaving = user
    return inTurn(async () => {
      const told = read(await send('POST', '/api/session/logout', { user }, bearer), z.object({}))
      if (told && recall(LEAVING) === user) remember(LEAVING, null)
      if (leaving === user) leaving = undefined
    })
  }

  parts.tabs?.subscribe((news) => {
    if (news.name === 'renewed') {
      if (news.answer.user.id === shown) took(news.answer)
      return
    }
    if (news.name === 'left') {
      if (news.user === shown) forget(news.user)
      return
    }
    if (left === news.user) left = undefined
    // Whoever waits on the welcome page, or for this very person to sign in again, need not ask.
    if (shown === undefined || shown === news.user) void takeOver()
  })

  /** The session that another tab of this browser has begun. */
  async function takeOver(): Promise<Me | undefined> {
    const before = shown
    const answer = await renew()
    if (typeof answer === 'string' || shown !== before) return undefined
    show(answer.user)
    return answer.user
  }

  const hall: Hall = {
    send: (path, body) => inTurn(() => send('POST', path, { deviceId: parts.deviceId(), ...body })),
    known: () => rememberedMe(recall(WHO)),
    shown: () => shown,
    takeOver,
    entered: (answer) => {
      left = undefined
      remember(LEAVING, null)
      took(answer)
      show(answer.user)
      parts.tabs?.post({ name: 'came', user: answer.user.id })
    },
    parts,
  }

  return {
    resume: async () => {
      const untold = recall(LEAVING)
      if (untold !== null) void leave(untold)
      const known = rememberedMe(recall(WHO))
      // Somebody was here: their conversations show at once, with or without a network; the line finds out the rest.
      if (known) return show(known)
      const answer = untold === null ? await renew() : 'nobody'
      if (typeof answer === 'string') dispatch(nobodySignedIn())
      else show(answer.user)
    },

    enter: (way, given) =>
      import('./comingIn.ts').then(
        ({ comeIn }) => {
          const untold = recall(LEAVING)
          if (untold !== null && untold !== leaving) void leave(untold)
          return comeIn(hall, way, given)
        },
        () => refusal('E_TIMEOUT'),
      ),

    signOut: async (leaves) => {
      if (shown === undefined) return
      const user = shown
      const bearer = latest?.user.id === user ? token?.value : undefined
      remember(`${LEAVING}:${user}`, leaves)
      remember(LEAVING, user)
      forget(user)
      parts.tabs?.post({ name: 'left', user })
      await leave(user, bearer)
    },

    tokenOf,

    ask: async (method, path, answer, body, timeoutMs) => {
      if (shown === undefined) return refusal('E_AUTH_INVALID')
      const own = tokenOf({ id: shown })
      let tried: string | undefined
      for (let again = false; ; again = true) {
        let current = own.current()
        // Whoever is told late finds that the token was renewed for another request meanwhile.
        if (!current || current.value === tried) {
          const renewed = await own.renew()
          if (renewed !== 'ok') return refusal(renewed === 'denied' ? 'E_AUTH_INVALID' : 'E_TIMEOUT')
          current = own.current()
        }
        tried = current?.value
        const response = await send(method, path, body, tried, timeoutMs)
        if (response?.status === 401 && !again) continue
        const data = read(response, answer)
        return data ? { ok: true, ...data } : refusalFrom(response)
      }
    },
  }
}

/** What whoever comes in needs of the session. */
export type Hall = {
  /** One of the requests that change the cookie. */
  send: (path: string, body: object) => Promise<Answer>
  /** Who came in last in this browser, and has not signed out. */
  known: () => Me | undefined
  /** Who this tab shows. */
  shown: () => Me['id'] | undefined
  /** undefined: there was nothing to take over. */
  takeOver: () => Promise<Me | undefined>
  entered: (answer: SessionAnswer) => void
  parts: SessionParts
}

/** What our own server says when all is well. Proxies and captive portals answer too, with any status and any page. */
export function read<T>(response: Answer, schema: Schema<T>): T | undefined {
  const parsed = response && response.status < 300 ? schema.safeParse(response.body) : undefined
  return parsed?.success ? parsed.data : undefined
}

function rememberedMe(text: string | null): Me | undefined {
  if (text === null) return undefined
  try {
    const me = Me.safeParse(JSON.parse(text))
    return me.success ? me.data : undefined
  } catch {
    return undefined
  }
}

export function refusalFrom(response: Answer): Refusal {
  const error = HttpError.safeParse(response?.body)
  if (!error.success || !isCode(error.data.code)) return refusal('E_TIMEOUT')
  return refusal(error.data.code, {
    ...(error.data.retryAfterMs === undefined ? {} : { retryAfterMs: error.data.retryAfterMs }),
    detail: error.data.message,
  })
}
