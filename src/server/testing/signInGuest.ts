import { randomUUID } from 'node:crypto'
import type { SessionAnswer } from '#protocol/session.ts'

export type Guest = SessionAnswer & { deviceId: string; /** of the refresh token: `name=value` */ cookie: string }

/** A new guest on the server at `url`, as a browser signs one in; a device of their own unless one is given. */
export async function signInGuest(url: string, name?: string, deviceId: string = randomUUID()): Promise<Guest> {
  const response = await fetch(`${url}/api/session/guest`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ deviceId, ...(name !== undefined && { name }) }),
  })
  if (!response.ok) throw new Error(`guest refused: ${response.status} ${await response.text()}`)
  const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  return { ...((await response.json()) as SessionAnswer), deviceId, cookie }
}
