import { FAREWELLS, isStop, type Code, type FarewellCode, type StopCode } from '#protocol/codes.ts'
import { backoffMs, type Timing } from './timing.ts'

/**
 * The state machine of the line to the server: what state follows which, nothing else. Pure; the driver (`line.ts`) carries out what
 * entering a state means (dial, say hello, probe …) and sets the one timer each state has, so that no state can wait for ever.
 *
 * ```
 *   refreshing ──▶ dialing ──▶ opening ──▶ hello ──▶ syncing ──▶ live ◀──▶ probing
 *       ▲             ▲           │          │          │          │          │
 *       │             └───────────┴──────────┴──────────┴──────────┴──────────┤ lost
 *       │                                                                     ▼
 *       └────────────────── the timer, online, a hint, Retry now, a new message ── backoff / offline
 *
 *   blocked: the server said no for good.   draining: the server leaves at an announced time.   closed: signed out or page gone.
 * ```
 *
 * `failures` counts what went wrong since the line was last steady; `refreshed` says the token was renewed for this very attempt, so
 * that a server refusing fresh tokens can't cause a loop.
 */
export type LineState =
  | { name: 'refreshing'; failures: number }
  | { name: 'dialing'; failures: number; refreshed: boolean }
  | { name: 'opening'; failures: number; refreshed: boolean }
  | { name: 'hello'; failures: number; refreshed: boolean }
  | { name: 'syncing'; failures: number; since: number }
  | { name: 'live'; failures: number; since: number }
  | { name: 'probing'; failures: number; since: number; from: 'syncing' | 'live' }
  /** `inMs`: how far away the return was when it was announced. */
  | { name: 'draining'; failures: number; since: number; until: number; inMs: number }
  | { name: 'backoff'; failures: number; until: number; reason: string; since: number }
  | { name: 'offline'; failures: number; reason: string }
  | { name: 'blocked'; code: StopCode | 'REPLACED' | 'SIGNED_OUT' }
  | { name: 'closed' }

export type LineEvent =
  | { name: 'TOKEN_OK' }
  | { name: 'TOKEN_DENIED' }
  | { name: 'TOKEN_FAILED' }
  | { name: 'ENGINE_OPEN' }
  | { name: 'CONNECTED' }
  /** The handshake was answered with an error. */
  | { name: 'REFUSED'; code: Code; retryAfterMs: number }
  /** The dial failed or hello was not answered well. */
  | { name: 'FAILED'; reason: string; retryAfterMs: number }
  | { name: 'HELLO_OK' }
  | { name: 'CAUGHT_UP' }
  | { name: 'LOST'; reason: string }
  /** Something suggests the line may be dead: wake, focus, `online`, an overdue answer. */
  | { name: 'HINT' }
  | { name: 'PONG' }
  /** Nothing heard for so long that asking is pointless. */
  | { name: 'SILENT' }
  | { name: 'FAREWELL'; code: FarewellCode; reconnectInMs: number }
  /** The timer of the present state. */
  | { name: 'TIMER' }
  | { name: 'ONLINE' }
  | { name: 'OFFLINE' }
  /** Retry now, or a new message while waiting. */
  | { name: 'HURRY' }
  | { name: 'USE_HERE' }
  /** The person whose line this is signed in again. */
  | { name: 'SIGNED_IN' }
  /** A WebSocket works again while we are on polling. */
  | { name: 'BETTER_LINE' }
  | { name: 'CLOSE' }

export type LineContext = {
  now: number
  /** A chance in [0, 1). */
  unit: number
  timing: Timing
  /** `navigator.onLine`. */
  online: boolean
  /** The server is on this machine: an offline browser may still reach it. */
  loopback: boolean
  tokenFresh: boolean
}

/** The line is open and the server knows us: requests may go out. */
export function isOpen(state: LineState): state is Extract<LineState, { name: 'syncing' | 'live' | 'probing' | 'draining' }> {
  return state.name === 'syncing' || state.name === 'live' || state.name === 'probing' || state.name === 'draining'
}

/** There is no line yet, and one is being made. */
export const isDialling = (state: LineState): boolean =>
  state.name === 'refreshing' || state.name === 'dialing' || state.name === 'opening' || state.name === 'hello'

/** A socket may exist in this state; in every other the driver hangs up. */
export const holdsSocket = (state: LineState): boolean =>
  isOpen(state) || state.name === 'dialing' || state.name === 'opening' || state.name === 'hello'

const failuresOf = (state: LineState): number => ('failures' in state ? state.failures : 0)

/** Failures so far, forgotten once the line has been steady. */
function failuresNow(state: LineState, ctx: LineContext): number {
  return isOpen(state) && state.name !== 'syncing' && ctx.now - state.since >= ctx.timing.STEADY_AFTER_MS ? 0 : failuresOf(state)
}

/** Begin an attempt: renew the token first when it is about to end. */
function attempt(failures: number, ctx: LineContext): LineState {
  return ctx.tokenFresh ? { name: 'dialing', failures, refreshed: false } : { name: 'refreshing', failures }
}

/** Wait before the next attempt; without a network there is nothing to wait for but the browser's word. */
function wait(state: LineState, ctx: LineContext, reason: string, more: { atLeastMs?: number; counts?: boolean } = {}): LineState {
  const failures = failuresNow(state, ctx) + (more.counts === false ? 0 : 1)
  if (!ctx.online) return { name: 'offline', failures, reason }
  const delay = Math.max(backoffMs(ctx.timing, Math.max(1, failures), ctx.unit), more.atLeastMs ?? 0)
  return { name: 'backoff', failures, until: ctx.now + delay, reason, since: ctx.now }
}

/** The server said no to the handshake or to hello. */
function refused(state: LineState, ctx: LineContext, code: Code, retryAfterMs: number): LineState {
  const refreshed = 'refreshed' in state && state.refreshed
  // A token the server does not take may simply be old; renewing it once tells a stale token from a session that is gone.
  if (code === 'E_AUTH_EXPIRED' || code === 'E_AUTH_INVALID') {
    if (!refreshed) return { name: 'refreshing', failures: failuresOf(state) }
    return code === 'E_AUTH_INVALID' ? { name: 'blocked', code } : wait(state, ctx, code)
  }
  if (isStop(code)) return { name: 'blocked', code }
  return wait(state, ctx, code, { atLeastMs: retryAfterMs, counts: code !== 'E_BUSY' })
}

function farewell(state: LineState, ctx: LineContext, code: FarewellCode, reconnectInMs: number): LineState {
  switch (FAREWELLS[code].then) {
    case 'redial':
      if (code === 'DRAIN' && isOpen(state))
        return { name: 'draining', failures: failuresNow(state, ctx), since: state.since, until: ctx.now + reconnectInMs, inMs: reconnectInMs }
      return wait(state, ctx, code, { atLeastMs: reconnectInMs })
    case 'refresh':
      return { name: 'refreshing', failures: failuresNow(state, ctx) }
    case 'stop':
      return { name: 'blocked', code: STOPPED_BY[code as keyof typeof STOPPED_BY] }
  }
}

const STOPPED_BY = {
  REPLACED: 'REPLACED',
  SIGNED_OUT: 'SIGNED_OUT',
  DEVICE_REVOKED: 'E_DEVICE_REVOKED',
  BANNED: 'E_BANNED',
  PROTO: 'E_PROTO',
} as const

/** The transition table: what follows. Returns the same object when the event means nothing in this state. */
export function lineAfter(state: LineState, event: LineEvent, ctx: LineContext): LineState {
  if (event.name === 'CLOSE') return state.name === 'closed' ? state : { name: 'closed' }
  switch (state.name) {
    case 'closed':
      return state

    case 'blocked':
      // Only the person leads out of here: "Use here" after being replaced, signing in again after everything else.
      return event.name === (state.code === 'REPLACED' ? 'USE_HERE' : 'SIGNED_IN') ? attempt(0, ctx) : state

    case 'refreshing':
      switch (event.name) {
        case 'TOKEN_OK':
          return { name: 'dialing', failures: state.failures, refreshed: true }
        case 'TOKEN_DENIED':
          return { name: 'blocked', code: 'E_AUTH_INVALID' }
        case 'TOKEN_FAILED':
        case 'TIMER':
          return wait(state, ctx, 'token')
        case 'OFFLINE':
          return { name: 'offline', failures: state.failures, reason: 'offline' }
        default:
          return state
      }

    case 'dialing':
    case 'opening':
    case 'hello':
      switch (event.name) {
        case 'ENGINE_OPEN':
          return state.name === 'dialing' ? { ...state, name: 'opening' } : state
        case 'CONNECTED':
          return state.name === 'hello' ? state : { ...state, name: 'hello' }
        case 'HELLO_OK':
          return state.name === 'hello' ? { name: 'syncing', failures: state.failures, since: ctx.now } : state
        case 'REFUSED':
          return refused(state, ctx, event.code, event.retryAfterMs)
        case 'FAILED':
          return wait(state, ctx, event.reason, { atLeastMs: event.retryAfterMs })
        case 'LOST':
          return wait(state, ctx, event.reason)
        case 'TIMER':
          return wait(
            state,
            ctx,
            state.name === 'dialing' ? 'dial time-out' : state.name === 'opening' ? 'no answer to CONNECT' : 'no answer to hello',
          )
        case 'FAREWELL':
          return farewell(state, ctx, event.code, event.reconnectInMs)
        case 'OFFLINE':
          return { name: 'offline', failures: state.failures, reason: 'offline' }
        default:
          return state
      }

    case 'syncing':
    case 'live':
      switch (event.name) {
        case 'CAUGHT_UP':
          return state.name === 'syncing' ? { name: 'live', failures: state.failures, since: ctx.now } : state
        case 'HINT':
        case 'ONLINE':
        case 'OFFLINE':
          return { name: 'probing', failures: state.failures, since: state.since, from: state.name }
        // Catch-up that makes no progress is a hint too; the driver stops this timer while pages arrive. Live has no deadline of its own.
        case 'TIMER':
          return state.name === 'syncing' ? { name: 'probing', failures: state.failures, since: state.since, from: 'syncing' } : state
        case 'SILENT':
          return attempt(failuresNow(state, ctx), ctx)
        case 'LOST':
          return wait(state, ctx, event.reason)
        case 'FAREWELL':
          return farewell(state, ctx, event.code, event.reconnectInMs)
        case 'REFUSED':
          return event.code === 'E_AUTH_EXPIRED' ? { name: 'refreshing', failures: failuresNow(state, ctx) } : state
        case 'BETTER_LINE':
          return attempt(0, ctx)
        default:
          return state
      }

    case 'probing':
      switch (event.name) {
        case 'PONG':
          return { name: state.from, failures: state.failures, since: state.since }
        case 'CAUGHT_UP':
          return { ...state, from: 'live', since: state.from === 'syncing' ? ctx.now : state.since }
        // The first redial after a dead line is immediate: the person is waiting. Without a network it would be pointless.
        case 'TIMER':
        case 'SILENT':
          return ctx.online ? attempt(failuresNow(state, ctx), ctx) : wait(state, ctx, 'no answer')
        case 'BETTER_LINE':
          return attempt(0, ctx)
        case 'LOST':
          return wait(state, ctx, event.reason)
        case 'FAREWELL':
          return farewell(state, ctx, event.code, event.reconnectInMs)
        case 'REFUSED':
          return event.code === 'E_AUTH_EXPIRED' ? { name: 'refreshing', failures: failuresNow(state, ctx) } : state
        default:
          return state
      }

    case 'draining':
      switch (event.name) {
        case 'TIMER':
        case 'SILENT':
          return attempt(state.failures, ctx)
        // The line was cut when announced: that is no failure, and the announced time stands.
        case 'LOST':
          return ctx.online
            ? {
                name: 'backoff',
                failures: Math.max(1, state.failures),
                // The clock may have been set meanwhile: never before now, never later than was announced.
                until: Math.min(Math.max(state.until, ctx.now), ctx.now + state.inMs),
                reason: 'restart',
                since: ctx.now,
              }
            : { name: 'offline', failures: state.failures, reason: 'restart' }
        case 'FAREWELL':
          return event.code === 'DRAIN' ? state : farewell(state, ctx, event.code, event.reconnectInMs)
        default:
          return state
      }

    case 'backoff':
      switch (event.name) {
        case 'TIMER':
        case 'HURRY':
          return attempt(state.failures, ctx)
        // Everybody behind the same network comes back at the same moment.
        case 'ONLINE':
          return { ...state, until: Math.min(state.until, ctx.now + ctx.timing.ONLINE_SPREAD_MS * ctx.unit) }
        case 'HINT':
          return attempt(state.failures, ctx)
        case 'OFFLINE':
          return { name: 'offline', failures: state.failures, reason: state.reason }
        default:
          return state
      }

    case 'offline':
      switch (event.name) {
        case 'ONLINE':
          return {
            name: 'backoff',
            failures: Math.max(1, state.failures),
            until: ctx.now + ctx.timing.ONLINE_SPREAD_MS * ctx.unit,
            reason: state.reason,
            since: ctx.now,
          }
        case 'HURRY':
          return attempt(state.failures, ctx)
        // The browser may have said that it is online while this page was kept aside or frozen: then nobody heard it.
        case 'TIMER':
        case 'HINT':
          return ctx.online || ctx.loopback ? attempt(state.failures, ctx) : state
        default:
          return state
      }
  }
}

/** When the present state's timer fires; undefined where the state ends only by an event from outside (which the driver watches by its tick). */
export function deadlineOf(state: LineState, entered: number, timing: Timing): number | undefined {
  switch (state.name) {
    case 'refreshing':
      return entered + timing.REFRESH_MS
    case 'dialing':
      return entered + timing.DIAL_MS
    case 'opening':
      return entered + timing.CONNECT_MS
    case 'hello':
      return entered + timing.HELLO_MS
    case 'syncing':
      return entered + timing.STALL_MS
    case 'probing':
      return entered + timing.PROBE_MS
    case 'draining':
    case 'backoff':
      return state.until
    case 'offline':
      return entered + timing.OFFLINE_LOOPBACK_MS
    case 'live':
    case 'blocked':
    case 'closed':
      return undefined
  }
}
