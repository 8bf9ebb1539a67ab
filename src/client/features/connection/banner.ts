import { plural, t } from '#client/words/t.ts'
import { farewellSentence, sentenceFor } from '#protocol/sentences.ts'
import type { ConnectionState, Line, RefusedCode, Restart, Step } from './connectionSlice.ts'
import { BACK_ONLINE_MS, COUNTDOWN_FROM_MS, ESCALATE_AFTER_FAILURES, ESCALATE_AFTER_MS, PORTAL_AFTER_ANSWERS, RESTART_GRACE_MS } from './timing.ts'

/**
 * What the banner shows, derived from state and time alone; nothing ever "shows" or "hides" it, so it can't get stuck.
 *
 * - `text`         what is the matter, in whole sentences
 * - `attempt`      follows as secondary text "(attempt 3)"
 * - `countdownTo`  when the next dial is due, for waits worth counting; follows as `countdownWords`, silent for screen readers
 * - `promise`      comes last: what happens to the words that wait
 * - `announce`     what a screen reader is told, once per change of this value; null: nothing
 */
export type Banner = {
  tone: 'calm' | 'warn' | 'ok'
  text: string
  countdownTo: number | null
  attempt: number | null
  promise: string | null
  spinner: boolean
  action: 'retryNow' | 'useHere' | 'reload' | 'signIn' | null
  announce: string | null
}

const calm = { tone: 'calm', countdownTo: null, attempt: null, promise: null, spinner: false, action: null, announce: null } as const satisfies Omit<
  Banner,
  'text'
>

/** What happens to the words: "2 messages will send when you're back." */
function promiseFor(unsent: number, when: string): string {
  if (unsent === 0) return t('Messages will be sent {when}.', { when })
  return plural(unsent, '1 message will send {when}.', '{n} messages will send {when}.', { when })
}

export function bannerFor(view: ConnectionState, now: number, unsentCount: number): Banner | null {
  const { line, offlineSince, bannerFrom } = view
  if (line.name === 'refused') return refusedBanner(line.code)
  if (line.name === 'signedOut') return line.ended ? endedBanner(line.ended.code, unsentCount) : null
  const isUp = bannerFrom !== null && bannerFrom <= now

  if (offlineSince !== null) {
    if (!isUp) return null
    return {
      ...calm,
      text: t("You're offline. {promise}", { promise: promiseFor(unsentCount, t("when you're back")) }),
      action: 'retryNow',
      announce: t("You're offline. {promise}", { promise: promiseFor(unsentCount, t("when you're back")) }),
    }
  }
  switch (line.name) {
    case 'idle':
      return null
    case 'live':
      if (line.restart && now < line.restart.backAt + RESTART_GRACE_MS) return restartBanner(line.restart)
      return line.restoredAt !== null && now < line.restoredAt + BACK_ONLINE_MS
        ? { ...calm, tone: 'ok', text: t('Back online'), announce: t('Back online.') }
        : null
    case 'connecting':
    case 'authenticating':
      if (!isUp) return null
      return now < line.since + ESCALATE_AFTER_MS
        ? { ...calm, text: t('Connecting…'), spinner: true }
        : {
            ...calm,
            text: t('Taking longer than usual. {promise}', { promise: promiseFor(unsentCount, t("once you're connected")) }),
            spinner: true,
            action: 'retryNow',
          }
    case 'syncing':
      return isUp ? { ...calm, text: t('Catching up…'), spinner: true } : null
    case 'reconnecting':
      return isUp ? outageBanner(line, view.strangeAnswers >= PORTAL_AFTER_ANSWERS, now, unsentCount) : null
  }
}

/** The next moment after `now` at which `bannerFor` or the countdown would say something else; null: not before the state changes. */
export function nextChangeAt(view: ConnectionState, now: number): number | null {
  const { line, bannerFrom } = view
  const moments: number[] = bannerFrom === null ? [] : [bannerFrom]
  if (line.name === 'live') {
    if (line.restart) moments.push(line.restart.backAt + RESTART_GRACE_MS)
    if (line.restoredAt !== null) moments.push(line.restoredAt + BACK_ONLINE_MS)
  }
  if (line.name === 'connecting' || line.name === 'authenticating') moments.push(line.since + ESCALATE_AFTER_MS)
  if (line.name === 'reconnecting') {
    moments.push(line.outage.since + ESCALATE_AFTER_MS)
    if (line.outage.restart) moments.push(line.outage.restart.backAt + RESTART_GRACE_MS)
    const countdownTo = countdownOf(line.step, now)
    if (countdownTo !== null) moments.push(countdownTo - (secondsUntil(countdownTo, now) - 1) * 1_000)
  }
  const later = moments.filter((moment) => moment > now)
  return later.length === 0 ? null : Math.min(...later)
}

/** Whole seconds left, never 0: "Trying again in 1 s." stays until the dial begins. */
export const secondsUntil = (at: number, now: number): number => Math.max(1, Math.ceil((at - now) / 1_000))
export const countdownWords = (countdownTo: number, now: number): string =>
  t('Trying again in {seconds} s.', { seconds: secondsUntil(countdownTo, now) })

function countdownOf(step: Step, now: number): number | null {
  if (step.name !== 'waiting' || step.nextRetryAt === null) return null
  return step.nextRetryAt - step.since >= COUNTDOWN_FROM_MS && step.nextRetryAt > now ? step.nextRetryAt : null
}

type Away = Extract<Line, { name: 'reconnecting' }>

function outageBanner({ outage, step }: Away, isPortal: boolean, now: number, unsentCount: number): Banner {
  if (outage.restart && now < outage.restart.backAt + RESTART_GRACE_MS) return { ...restartBanner(outage.restart), spinner: true, action: 'retryNow' }
  const escalated = isPortal || now >= outage.since + ESCALATE_AFTER_MS || outage.failures >= ESCALATE_AFTER_FAILURES
  const words = promiseFor(unsentCount, t("when you're back"))
  const trouble = isPortal ? t("Can't reach the server. This network may want you to sign in.") : t("Can't reach the server.")
  return {
    tone: 'warn',
    text: escalated ? trouble : t('Reconnecting…'),
    // Once it is no longer a matter of moments the number says nothing to a person.
    attempt: escalated ? null : outage.failures + 1,
    countdownTo: countdownOf(step, now),
    promise: unsentCount > 0 || escalated ? words : null,
    spinner: true,
    action: 'retryNow',
    announce: escalated ? `${trouble} ${words}` : t('Reconnecting. {words}', { words }),
  }
}

function restartBanner(restart: Restart): Banner {
  const seconds = secondsUntil(restart.backAt, restart.at)
  const text = t('Server is restarting, back in about {seconds} s. Nothing is lost.', { seconds })
  return { ...calm, text, announce: text }
}

function refusedBanner(code: RefusedCode): Banner {
  if (code === 'REPLACED') {
    const text = t('This conversation is open in another tab.')
    return { ...calm, text, action: 'useHere', announce: text }
  }
  const text = code === 'E_PROTO' ? t(farewellSentence('PROTO')) : t(sentenceFor(code))
  return { ...calm, tone: 'warn', text, action: code === 'E_PROTO' ? 'reload' : code === 'E_DEVICE_LIMIT' ? 'retryNow' : null, announce: text }
}

function endedBanner(code: 'E_AUTH_INVALID' | 'E_DEVICE_REVOKED' | 'SIGNED_OUT', unsentCount: number): Banner {
  const what =
    code === 'E_DEVICE_REVOKED' ? t('This device was signed out.') : code === 'SIGNED_OUT' ? t('You signed out.') : t('Your session ended.')
  const waiting =
    unsentCount === 0 ? t('Sign in to continue.') : plural(unsentCount, 'Sign in to send 1 waiting message.', 'Sign in to send {n} waiting messages.')
  return { ...calm, tone: 'warn', text: `${what} ${waiting}`, action: 'signIn', announce: `${what} ${waiting}` }
}
