import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import type { UserId } from '#protocol/ids.ts'
import type { Config } from '#server/config.ts'
import { isLoopbackHost } from './address.ts'

/** 0: go ahead. Otherwise nothing was taken, and the same request may come back after this many milliseconds. */
type WaitMs = number

export type Limits = {
  /** Takes `count` messages of a person's allowance, all or none. */
  takeMessages: (user: UserId, count: number) => WaitMs
  /** For each new person, guest or registered. */
  takeGuest: (address: string) => Promise<WaitMs>
  /** For each attempt to sign in. */
  takeSignIn: (address: string) => Promise<WaitMs>
  /** For each password that is tried against one account, from wherever; `account` may name a device that is known there, which has guesses of its own. */
  takeGuess: (account: string) => Promise<WaitMs>
  /** It was the right one: those before it don't count. */
  guessed: (account: string) => Promise<void>
  /** For each picture somebody chooses: all who share a conversation with them are told. */
  takePicture: (user: UserId) => Promise<WaitMs>
  /** For each search: a common word among many messages takes the database longer than anything else that is asked. */
  takeSearch: (user: UserId) => Promise<WaitMs>
  /** For each file that somebody begins to upload. */
  takeUpload: (user: UserId) => Promise<WaitMs>
  /** `client`: a verified session, or nothing. */
  takeDial: (address: string, client: string) => Promise<WaitMs>
  close: () => void
}

const MINUTE_S = 60
const FORGET_EVERY_MS = 60_000
/** Wrong passwords of one account in a quarter of an hour: nobody needs more, and nobody gets far with as many. */
const GUESSES = { points: 10, duration: 15 * MINUTE_S }
const PICTURES = { points: 20, duration: 15 * MINUTE_S }
const UPLOADS = { points: 120, duration: MINUTE_S }
const SEARCHES = { points: 60, duration: MINUTE_S }

export function makeLimits(config: Config, now: () => number): Limits {
  const messages = new Map<UserId, { tokens: number; at: number }>()
  const { perSecond, burst } = config.LIMIT_MESSAGES
  const tokensAt = (bucket: { tokens: number; at: number }, at: number): number =>
    // a clock that was set back takes nothing away
    Math.min(burst, bucket.tokens + (Math.max(0, at - bucket.at) / 1000) * perSecond)

  const forget = setInterval(() => {
    for (const [user, bucket] of messages) if (tokensAt(bucket, now()) >= burst) messages.delete(user)
  }, FORGET_EVERY_MS)
  forget.unref()

  const guests = new RateLimiterMemory({ points: config.LIMIT_GUESTS, duration: MINUTE_S })
  const dials = new RateLimiterMemory({ points: config.LIMIT_DIALS, duration: MINUTE_S })
  const signIns = new RateLimiterMemory({ points: config.LIMIT_SIGNINS, duration: MINUTE_S })
  const guesses = new RateLimiterMemory(GUESSES)
  const pictures = new RateLimiterMemory(PICTURES)
  const uploads = new RateLimiterMemory(UPLOADS)
  const searches = new RateLimiterMemory(SEARCHES)
  const takeOne = async (limiter: RateLimiterMemory, key: string): Promise<WaitMs> => {
    try {
      await limiter.consume(key)
      return 0
    } catch (refused) {
      if (refused instanceof RateLimiterRes) return Math.max(1, refused.msBeforeNext)
      throw refused
    }
  }

  return {
    // a token bucket of our own, because a refused batch must cost nothing and learn exactly how long to wait, or it could starve
    takeMessages: (user, count) => {
      const at = now()
      const tokens = tokensAt(messages.get(user) ?? { tokens: burst, at }, at)
      // a batch larger than the bucket could never pass: it is let through from a full one
      const price = Math.min(count, burst)
      if (tokens < price) return Math.ceil(((price - tokens) / perSecond) * 1000)
      messages.set(user, { tokens: tokens - price, at })
      return 0
    },
    takeGuest: async (address) => (isLoopbackHost(address) && !config.explicit.has('LIMIT_GUESTS') ? 0 : takeOne(guests, address)),
    takeSignIn: async (address) => (isLoopbackHost(address) && !config.explicit.has('LIMIT_SIGNINS') ? 0 : takeOne(signIns, address)),
    takeGuess: (account) => takeOne(guesses, account),
    takePicture: (user) => takeOne(pictures, user),
    takeSearch: (user) => takeOne(searches, user),
    takeUpload: (user) => takeOne(uploads, user),
    guessed: async (account) => void (await guesses.delete(account)),
    takeDial: async (address, client) =>
      isLoopbackHost(address) && !config.explicit.has('LIMIT_DIALS') ? 0 : takeOne(dials, client === '' ? address : client),
    close: () => clearInterval(forget),
  }
}
