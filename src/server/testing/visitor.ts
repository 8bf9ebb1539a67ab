import { randomUUID } from 'node:crypto'
import type { SessionAnswer } from '#protocol/session.ts'

export type HttpAnswer = { status: number; body: Record<string, unknown>; headers: Headers }

/** A browser as HTTP sees it: a device, the cookies it was given, and the access token of whoever is signed in. */
export type Visitor = {
  deviceId: string
  /** `name=value` of the refresh token; empty before. */
  cookie: string
  accessToken: string
  me: SessionAnswer['user'] | undefined
  /** Sends what a page would. An answer that starts a session is remembered. */
  ask: (method: string, path: string, body?: object) => Promise<HttpAnswer>
  /** As `ask`, for what takes a device id in its body. */
  askHere: (path: string, body?: object) => Promise<HttpAnswer>
}

/** `origin`: of the page it shows; without one it is no browser. */
export function visitor(url: string, { userAgent = 'vitest', origin }: { userAgent?: string; origin?: string } = {}): Visitor {
  const self: Visitor = {
    deviceId: randomUUID(),
    cookie: '',
    accessToken: '',
    me: undefined,
    ask: async (method, path, body) => {
      const response = await fetch(url + path, {
        method,
        headers: {
          'user-agent': userAgent,
          ...(origin !== undefined && { origin }),
          ...(self.cookie !== '' && { cookie: self.cookie }),
          ...(self.accessToken !== '' && { authorization: `Bearer ${self.accessToken}` }),
        },
        ...(body && { body: JSON.stringify(body) }),
      })
      const answer = { status: response.status, body: (await response.json()) as Record<string, unknown>, headers: response.headers }
      const [cookie] = response.headers.getSetCookie()
      if (cookie !== undefined) self.cookie = cookie.split(';')[0] ?? ''
      if (typeof answer.body['accessToken'] === 'string') {
        self.accessToken = answer.body['accessToken']
        self.me = answer.body['user'] as SessionAnswer['user']
      }
      return answer
    },
    askHere: (path, body) => self.ask('POST', path, { ...body, deviceId: self.deviceId }),
  }
  return self
}

/** A visitor who has come in as a guest of this name. */
export async function guestOf(url: string, name: string): Promise<Visitor> {
  const guest = visitor(url)
  await guest.askHere('/api/session/guest', { name })
  return guest
}
