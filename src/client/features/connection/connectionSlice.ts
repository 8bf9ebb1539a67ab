import { createReducer } from '@reduxjs/toolkit'
import {
  browserCameOnline,
  browserWentOffline,
  catchUpStarted,
  connectionAuthenticating,
  connectionDialled,
  connectionLost,
  connectionRefused,
  lineMeasured,
  nobodySignedIn,
  requestAnswered,
  restartAnnounced,
  roomsSynced,
  sessionEnded,
  sessionStarted,
  signedOut,
  useHereRequested,
  type HelloFacts,
} from '#client/live/facts.ts'
import type { StopCode } from '#protocol/codes.ts'
import { BACK_ONLINE_MS, BANNER_DELAY_DROPPED_MS, BANNER_DELAY_FIRST_MS, BANNER_DELAY_OFFLINE_MS } from './timing.ts'

/**
 * The line to the server as the page knows it. Each state has exactly its data.
 *
 * idle → connecting → authenticating → syncing → live        the first time since sign-in, none skipped
 * live → reconnecting → syncing → live                       every later time, and after a failed first attempt
 * any  → refused | signedOut                                  until the person acts
 *
 * That the browser says "no network" is kept beside it (`offlineSince`): an open line may survive it, and its word wins on screen.
 */
export type Line =
  | { name: 'idle' }
  | { name: 'connecting'; since: number }
  | { name: 'authenticating'; since: number }
  | { name: 'syncing'; since: number; outage: Outage | null }
  | { name: 'live'; since: number; /** the banner had been up until then */ restoredAt: number | null; restart: Restart | null }
  | { name: 'reconnecting'; outage: Outage; step: Step }
  | { name: 'refused'; code: RefusedCode; at: number }
  | { name: 'signedOut'; ended: null | { code: EndedCode; at: number } }

/** Not live since `since`. `failures` counts the dials in it that came to nothing, and before it those since a line last lasted. */
export type Outage = { since: number; failures: number; restart: Restart | null }
export type Step =
  | { name: 'dialling' }
  | { name: 'authenticating' }
  | { name: 'waiting'; since: number; /** null: no dial is planned */ nextRetryAt: number | null }
export type Restart = { at: number; backAt: number }

/** Codes after which the person must sign in again; the others leave the session alone. */
export type EndedCode = 'E_AUTH_INVALID' | 'E_DEVICE_REVOKED' | 'SIGNED_OUT'
export type RefusedCode = Exclude<StopCode, EndedCode> | 'REPLACED'

export type ConnectionState = {
  line: Line
  /** Since when the browser says there is no network. */
  offlineSince: number | null
  /** From when on the banner is up if the trouble lasts; kept while it lasts, so that the banner never flickers. */
  bannerFrom: number | null
  /** How many answers in a row were not our server's. */
  strangeAnswers: number
  /** "Up to date as of": when everything missed was last known to be here. */
  synced: { at: number; serverAt: number } | null
  measured: { lastHeardAt: number; rttMs: number | null; transport: 'websocket' | 'polling' | null } | null
  hello: HelloFacts | null
  lastLoss: { at: number; reason: string } | null
}

const initialState: ConnectionState = {
  line: { name: 'idle' },
  offlineSince: null,
  bannerFrom: null,
  strangeAnswers: 0,
  synced: null,
  measured: null,
  hello: null,
  lastLoss: null,
}

const isEnd = (code: StopCode | 'REPLACED' | 'SIGNED_OUT'): code is EndedCode =>
  code === 'E_AUTH_INVALID' || code === 'E_DEVICE_REVOKED' || code === 'SIGNED_OUT'

const stopped = (code: StopCode | 'REPLACED' | 'SIGNED_OUT', at: number): Line =>
  isEnd(code) ? { name: 'signedOut', ended: { code, at } } : { name: 'refused', code, at }

/** The outage a line is in, or the one that begins now. */
function outageOf(line: Line, at: number): Outage {
  if (line.name === 'reconnecting') return line.outage
  if (line.name === 'syncing' && line.outage) return line.outage
  const since = line.name === 'connecting' || line.name === 'authenticating' ? line.since : at
  return { since, failures: 0, restart: line.name === 'live' ? line.restart : null }
}

/** When the banner is due for the line alone, whatever the browser says. */
function dueFor(line: Line): number | null {
  if (line.name === 'connecting' || line.name === 'authenticating') return line.since + BANNER_DELAY_FIRST_MS
  if (line.name === 'reconnecting') return line.outage.restart ? line.outage.since : line.outage.since + BANNER_DELAY_DROPPED_MS
  return null
}

/** Had the banner been on screen when this happened? */
const isUp = (state: ConnectionState, at: number): boolean => state.bannerFrom !== null && state.bannerFrom < at
/** New trouble while the banner still says "Back online" changes its words at once: going and coming again would be a flicker. */
const dueAfterReturn = (line: Line, at: number): number | null =>
  line.name === 'live' && line.restoredAt !== null && at < line.restoredAt + BACK_ONLINE_MS ? at : null

/** Trouble never puts off a banner that is due already. */
function raiseBanner(state: ConnectionState, ...due: (number | null)[]): void {
  const moments = [state.bannerFrom, ...due].filter((moment) => moment !== null)
  state.bannerFrom = moments.length === 0 ? null : Math.min(...moments)
}

/** The first dial since sign-in is "connecting"; every later one happens inside an outage. */
function underWay(state: ConnectionState, name: 'connecting' | 'authenticating', at: number): void {
  const { line } = state
  if (line.name === 'signedOut' || line.name === 'refused') return
  if (line.name === 'idle' || line.name === 'connecting' || line.name === 'authenticating') {
    state.line = { name, since: line.name === 'idle' ? at : line.since }
  } else state.line = { name: 'reconnecting', outage: outageOf(line, at), step: { name: name === 'connecting' ? 'dialling' : 'authenticating' } }
  raiseBanner(state, dueAfterReturn(line, at), dueFor(state.line))
}

/** A server that is busy answered, so it can be reached. */
const countsAsFailure = (line: Line, reason: string): boolean =>
  reason !== 'E_BUSY' &&
  (line.name === 'connecting' || line.name === 'authenticating' || (line.name === 'reconnecting' && line.step.name !== 'waiting'))

export const connectionReducer = createReducer(initialState, (builder) => {
  builder
    .addCase(sessionStarted, (state) => {
      state.line = { name: 'idle' }
      state.bannerFrom = state.offlineSince === null ? null : state.offlineSince + BANNER_DELAY_OFFLINE_MS
    })
    .addCase(connectionDialled, (state, { payload }) => underWay(state, 'connecting', payload.at))
    .addCase(connectionAuthenticating, (state, { payload }) => underWay(state, 'authenticating', payload.at))
    .addCase(catchUpStarted, (state, { payload }) => {
      const { line } = state
      const outage = line.name === 'reconnecting' || line.name === 'syncing' ? line.outage : null
      state.line = { name: 'syncing', since: payload.at, outage }
      state.hello = payload.hello
      // "Catching up…" only goes on with a banner; it never raises one.
      const carriedOn = dueAfterReturn(line, payload.at)
      if (carriedOn !== null) raiseBanner(state, carriedOn)
      else if (!isUp(state, payload.at) && state.offlineSince === null) state.bannerFrom = null
    })
    .addCase(roomsSynced, (state, { payload }) => {
      state.synced = { at: payload.at, serverAt: payload.serverAt }
      if (state.line.name === 'live') return
      const restored = state.offlineSince === null && isUp(state, payload.at)
      state.line = { name: 'live', since: payload.at, restoredAt: restored ? payload.at : null, restart: null }
      if (state.offlineSince === null) state.bannerFrom = null
    })
    .addCase(connectionLost, (state, { payload }) => {
      const { at, reason, nextRetryAt } = payload
      const { line } = state
      state.lastLoss = { at, reason }
      if (line.name === 'signedOut' || line.name === 'refused') return
      const outage = outageOf(line, at)
      const failures = outage.failures + (countsAsFailure(line, reason) ? 1 : 0)
      state.line = {
        name: 'reconnecting',
        // the wait is computed from `attempt`, and a line that was up for a moment does not shorten it
        outage: { ...outage, failures: Math.max(failures, payload.attempt - 1) },
        step: { name: 'waiting', since: at, nextRetryAt },
      }
      raiseBanner(state, dueAfterReturn(line, at), dueFor(state.line))
    })
    .addCase(browserWentOffline, (state, { payload }) => {
      if (state.offlineSince !== null) return
      // the next network may be another one
      state.strangeAnswers = 0
      state.offlineSince = payload.at
      raiseBanner(state, dueAfterReturn(state.line, payload.at), payload.at + BANNER_DELAY_OFFLINE_MS)
    })
    .addCase(browserCameOnline, (state, { payload }) => {
      if (state.offlineSince === null) return
      state.offlineSince = null
      const wasUp = isUp(state, payload.at)
      if (!wasUp) state.bannerFrom = dueFor(state.line)
      if (state.line.name === 'live') {
        if (wasUp) state.line.restoredAt = payload.at
        state.bannerFrom = null
      }
    })
    .addCase(connectionRefused, (state, { payload }) => {
      state.line = stopped(payload.code, payload.at)
    })
    .addCase(sessionEnded, (state, { payload }) => {
      state.line = stopped(payload.code, payload.at)
    })
    .addCase(signedOut, (state) => {
      state.line = { name: 'signedOut', ended: null }
    })
    .addCase(nobodySignedIn, (state) => {
      state.line = { name: 'signedOut', ended: null }
    })
    .addCase(useHereRequested, (state) => {
      if (state.line.name === 'refused' && state.line.code === 'REPLACED') state.line = { name: 'idle' }
    })
    .addCase(requestAnswered, (state, { payload }) => {
      state.strangeAnswers = payload.byServer ? 0 : state.strangeAnswers + 1
    })
    .addCase(restartAnnounced, (state, { payload }) => {
      if (state.line.name === 'live') state.line.restart = { at: payload.at, backAt: payload.backAt }
    })
    .addCase(lineMeasured, (state, { payload }) => {
      state.measured = { lastHeardAt: payload.lastHeardAt, rttMs: payload.rttMs, transport: payload.transport }
    })
})
